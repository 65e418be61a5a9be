// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/connection.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "daemon/protocol/frames.h"
#include "pipelines/base/log.h"

namespace osteon {
namespace {

constexpr const char* kMonitorEndpoint = "inproc://monitor";
constexpr std::size_t kMaxFrames = 4;        // One more than any message has: makes it malformed.
constexpr SteadyMs kFirstBackOffMs = 1'000;  // Doubled after each refusal.
constexpr SteadyMs kMaxBackOffMs = 30'000;   // A key that was added works half a minute later.

Error FromZmq(const std::string& what) {
  return InvalidInput(what + ": " + zmq_strerror(zmq_errno()));
}

Status Set(void* socket, int option, int value) {
  if (zmq_setsockopt(socket, option, &value, sizeof value) == 0) return {};
  return FromZmq(fmt::format("socket option {}", option));
}

Status SetKey(void* socket, int option, const std::string& key) {
  if (zmq_setsockopt(socket, option, key.c_str(), key.size() + 1) == 0) return {};
  return FromZmq("CURVE key");
}

struct Option {
  int name;
  int value;
};

// Times are in ms, queues in messages (of at most 256 KiB).
constexpr Option kSocketOptions[] = {
    {ZMQ_LINGER, 0},           // What was not sent is in the spool.
    {ZMQ_IMMEDIATE, 1},        // Nothing is queued for a plugin that is not connected.
    {ZMQ_RECONNECT_IVL, 200},  // Doubled up to the next one.
    {ZMQ_RECONNECT_IVL_MAX, 10'000},
    {ZMQ_SNDHWM, 64},            // 16 MiB of result pieces.
    {ZMQ_RCVHWM, 256},           // The pieces under way for four jobs.
    {ZMQ_HEARTBEAT_IVL, 5'000},  // The protocol's README.
    {ZMQ_HEARTBEAT_TIMEOUT, 15'000},
    {ZMQ_HANDSHAKE_IVL, 10'000},  // A handshake that takes longer has failed.
    {ZMQ_IPV6, 1},
};

// The next frame; nothing when no message has arrived.
std::optional<std::string> ReceiveFrame(void* socket, bool& more) {
  zmq_msg_t frame;
  zmq_msg_init(&frame);
  std::optional<std::string> bytes;
  if (zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) >= 0) {
    bytes.emplace(static_cast<const char*>(zmq_msg_data(&frame)), zmq_msg_size(&frame));
    more = zmq_msg_more(&frame) != 0;
  }
  zmq_msg_close(&frame);
  return bytes;
}

}  // namespace

Result<Connection> Connection::Open(ConnectionOptions options) {
  Connection connection(std::move(options));
  Status status = connection.OpenSockets();
  if (status) status = connection.Connect();
  if (!status) return std::move(status).error().During(connection.options_.endpoint);
  return connection;
}

Status Connection::OpenSockets() {
  context_.reset(zmq_ctx_new());
  if (context_) socket_.reset(zmq_socket(context_.get(), ZMQ_DEALER));
  if (!socket_) return FromZmq("open a socket");
  for (const Option& option : kSocketOptions) {
    if (Status status = Set(socket_.get(), option.name, option.value); !status) return status;
  }
  const auto max_bytes = static_cast<std::int64_t>(protocol::kMaxFrameBytes);
  zmq_setsockopt(socket_.get(), ZMQ_MAXMSGSIZE, &max_bytes, sizeof max_bytes);
  const int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                     ZMQ_EVENT_DISCONNECTED;
  if (zmq_socket_monitor(socket_.get(), kMonitorEndpoint, events) != 0) return FromZmq("monitor");
  monitor_.reset(zmq_socket(context_.get(), ZMQ_PAIR));
  if (!monitor_) return FromZmq("open a socket");
  if (Status status = Set(monitor_.get(), ZMQ_LINGER, 0); !status) return status;
  if (zmq_connect(monitor_.get(), kMonitorEndpoint) != 0) return FromZmq("monitor");
  return {};
}

Status Connection::Connect() {
  if (options_.keys) {
    Check(!options_.server_keys.empty(), "CURVE needs a server key");
    const std::string& server_key = options_.server_keys[server_key_].key;
    Status status = SetKey(socket_.get(), ZMQ_CURVE_SERVERKEY, server_key);
    if (status) status = SetKey(socket_.get(), ZMQ_CURVE_PUBLICKEY, options_.keys->public_key);
    if (status) status = SetKey(socket_.get(), ZMQ_CURVE_SECRETKEY, options_.keys->secret_key);
    if (!status) return status;
  }
  if (zmq_connect(socket_.get(), options_.endpoint.c_str()) != 0) return FromZmq("connect");
  return {};
}

bool Connection::Send(const protocol::Message& message) {
  Result<protocol::Frames> frames = protocol::Encode(message);
  if (!frames) {
    LogError("a message of ours is outside its limits: " + frames.error().message());
    return true;
  }
  // Either all frames are taken or none: libzmq decides at the first.
  for (std::size_t i = 0; i < frames->size(); ++i) {
    const std::string& frame = (*frames)[i];
    const int more = i + 1 < frames->size() ? ZMQ_SNDMORE : 0;
    if (zmq_send(socket_.get(), frame.data(), frame.size(), ZMQ_DONTWAIT | more) < 0) return false;
  }
  return true;
}

std::optional<Result<protocol::Message>> Connection::Receive() {
  protocol::Frames frames;
  bool more = true;
  while (more) {
    std::optional<std::string> frame = ReceiveFrame(socket_.get(), more);
    if (!frame) return std::nullopt;
    if (frames.size() < kMaxFrames) frames.push_back(*std::move(frame));
  }
  return protocol::Decode(frames);
}

std::optional<ConnectionEvent> Connection::NextEvent(SteadyMs now) {
  while (true) {
    bool more = true;
    const std::optional<std::string> event = ReceiveFrame(monitor_.get(), more);
    if (!event) return std::nullopt;
    if (more) ReceiveFrame(monitor_.get(), more);  // The endpoint.
    std::uint16_t kind = 0;
    if (event->size() >= sizeof kind) std::memcpy(&kind, event->data(), sizeof kind);
    if (kind == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
      up_ = true;
      refusals_ = 0;
      return ConnectionEvent::kConnected;
    }
    if (kind == ZMQ_EVENT_DISCONNECTED) {
      if (std::exchange(up_, false)) return ConnectionEvent::kDisconnected;
      continue;
    }
    if (connect_at_) continue;  // A second event about the same refusal.
    BackOff(now);
    return ConnectionEvent::kHandshakeFailed;
  }
}

void Connection::BackOff(SteadyMs now) {
  zmq_disconnect(socket_.get(), options_.endpoint.c_str());
  const SteadyMs wait_ms = std::min(kFirstBackOffMs << std::min(refusals_, 5), kMaxBackOffMs);
  connect_at_ = now + wait_ms;
  ++refusals_;
  if (!options_.server_keys.empty()) server_key_ = (server_key_ + 1) % options_.server_keys.size();
}

void Connection::Maintain(SteadyMs now) {
  if (!connect_at_ || now < *connect_at_) return;
  connect_at_.reset();
  if (Status status = Connect(); !status) LogError(status.error().message());
}

std::array<zmq_pollitem_t, 2> Connection::PollItems(short socket_events) const {
  return {zmq_pollitem_t{socket_.get(), 0, socket_events, 0},
          zmq_pollitem_t{monitor_.get(), 0, ZMQ_POLLIN, 0}};
}

}  // namespace osteon
