// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/router.h"

#include <fmt/core.h>

#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <string_view>

#include "daemon/protocol/frames.h"
#include "orthanc-plugin/dispatch/key_allow_list.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {
namespace {

constexpr int kBatch = 256;  // Messages per Poll, so that ticks and answers get their turn.
// Two unanswered FETCH of full credit, and room for the small messages.
constexpr int kSendQueue = 2 * static_cast<int>(protocol::kMaxCredit) + 64;
constexpr int kReceiveQueue = 64;    // 16 MiB of result pieces per worker.
constexpr int kHeartbeatMs = 5'000;  // As the worker's, in the protocol's README.
constexpr int kHeartbeatTimeoutMs = 15'000;
constexpr int kHandshakeMs = 10'000;  // A handshake that takes longer has failed.
constexpr const char* kZapEndpoint = "inproc://zeromq.zap.01";
constexpr const char* kMonitorEndpoint = "inproc://osteon.monitor";
// ROUTER does not tell when a connection ends. With so many of them, those that were not heard for
// so long (an open one is heard every ten seconds) are forgotten.
constexpr std::size_t kManyPeers = 1'024;
constexpr std::chrono::minutes kGoneAfter(5);
constexpr std::chrono::minutes kInUseFor(1);
constexpr int kHandshakeFailures = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                   ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                   ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

struct CloseSocket {
  void operator()(void* socket) const { zmq_close(socket); }
};
struct EndContext {
  void operator()(void* context) const { zmq_ctx_term(context); }
};
using Socket = std::unique_ptr<void, CloseSocket>;
using Context = std::unique_ptr<void, EndContext>;

Error ZmqError(const std::string& what) { return Unavailable(what + ": " + zmq_strerror(errno)); }

bool Set(void* socket, int option, int value) {
  return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}
bool Set(void* socket, int option, std::string_view value) {
  return zmq_setsockopt(socket, option, value.data(), value.size()) == 0;
}

struct Received {
  std::vector<std::string> frames;
  std::string user;  // The public key behind the connection, as told to ZAP; empty without CURVE.
};

// All frames of the next message; nothing when there is none. More than `limit` frames are read and
// left out, which makes the message malformed.
std::optional<Received> Receive(void* socket, std::size_t limit) {
  Received received;
  while (true) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) < 0) {
      zmq_msg_close(&message);
      return std::nullopt;
    }
    if (received.frames.size() < limit)
      received.frames.emplace_back(static_cast<const char*>(zmq_msg_data(&message)),
                                   zmq_msg_size(&message));
    const char* user = zmq_msg_gets(&message, "User-Id");
    if (user) received.user = user;
    const bool more = zmq_msg_more(&message) != 0;
    zmq_msg_close(&message);
    if (!more) return received;
  }
}

bool SendFrames(void* socket, const std::vector<std::string_view>& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const int flags = ZMQ_DONTWAIT | (i + 1 < frames.size() ? ZMQ_SNDMORE : 0);
    // Only the first frame (the address) can fail for a peer that is gone or full; the rest follow
    // it.
    if (zmq_send(socket, frames[i].data(), frames[i].size(), flags) < 0) return false;
  }
  return true;
}

}  // namespace

struct Router::Impl {
  explicit Impl(const RouterOptions& options) : allow_list(options.allowed_workers_file) {}
  ~Impl() {
    if (wake_fd >= 0) ::close(wake_fd);
  }

  Status Open(const RouterOptions& options);
  bool Configure(const RouterOptions& options);
  void AnswerHandshakes();
  void ReadMonitor();

  // The key behind each connection that was heard of.
  struct Known {
    std::string public_key;
    std::chrono::steady_clock::time_point heard;
  };
  void Remember(const PeerId& peer, const std::string& public_key);
  bool MayHear(const PeerId& peer);

  KeyAllowList allow_list;
  std::map<PeerId, Known> known;
  Context context;  // Ends after its sockets: declared before them.
  Socket zap;
  Socket router;
  Socket monitor;
  int wake_fd = -1;
  RouterCounts counts;
};

bool Router::Impl::Configure(const RouterOptions& options) {
  void* socket = router.get();
  bool ok = Set(socket, ZMQ_ROUTER_MANDATORY, 1) && Set(socket, ZMQ_LINGER, 0) &&
            Set(socket, ZMQ_SNDHWM, kSendQueue) && Set(socket, ZMQ_RCVHWM, kReceiveQueue) &&
            Set(socket, ZMQ_HEARTBEAT_IVL, kHeartbeatMs) &&
            Set(socket, ZMQ_HEARTBEAT_TIMEOUT, kHeartbeatTimeoutMs) &&
            Set(socket, ZMQ_HANDSHAKE_IVL, kHandshakeMs) && Set(socket, ZMQ_TCP_KEEPALIVE, 1) &&
            Set(socket, ZMQ_IPV6, 1);
  const auto max_bytes = static_cast<std::int64_t>(protocol::kMaxFrameBytes);
  ok = ok && zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max_bytes, sizeof max_bytes) == 0;
  if (!options.server_keys) return ok;
  return ok && Set(socket, ZMQ_CURVE_SERVER, 1) &&
         Set(socket, ZMQ_CURVE_SECRETKEY, options.server_keys->secret_key) &&
         Set(socket, ZMQ_ZAP_DOMAIN, "osteon");
}

Status Router::Impl::Open(const RouterOptions& options) {
  if (!options.server_keys && !protocol::IsLocalEndpoint(options.endpoint))
    return InvalidInput(options.endpoint + " leaves this machine, so CURVE keys are needed");
  wake_fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  context.reset(zmq_ctx_new());
  if (wake_fd < 0 || !context) return Unavailable("no resources for a socket");
  if (options.server_keys) {
    zap.reset(zmq_socket(context.get(), ZMQ_REP));
    if (!zap || !Set(zap.get(), ZMQ_LINGER, 0) || zmq_bind(zap.get(), kZapEndpoint) != 0)
      return ZmqError("bind the authentication");
  }
  router.reset(zmq_socket(context.get(), ZMQ_ROUTER));
  if (!router || !Configure(options)) return ZmqError("set up the socket");
  if (zmq_socket_monitor(router.get(), kMonitorEndpoint, kHandshakeFailures) != 0)
    return ZmqError("monitor the socket");
  monitor.reset(zmq_socket(context.get(), ZMQ_PAIR));
  if (!monitor || !Set(monitor.get(), ZMQ_LINGER, 0) ||
      zmq_connect(monitor.get(), kMonitorEndpoint) != 0)
    return ZmqError("monitor the socket");
  if (zmq_bind(router.get(), options.endpoint.c_str()) != 0)
    return ZmqError("listen on " + options.endpoint);
  return {};
}

void Router::Impl::AnswerHandshakes() {
  while (const auto request = Receive(zap.get(), 8)) {
    const ZapDecision decision = AnswerZap(request->frames, allow_list);
    SendFrames(zap.get(), {decision.reply.begin(), decision.reply.end()});
    if (decision.allowed) continue;
    ++counts.refused_handshakes;
    // A refused client tries again every quarter of a second; the log gets the 1st, 2nd, 4th, 8th
    // ... of them.
    if ((counts.refused_handshakes & (counts.refused_handshakes - 1)) == 0)
      LogWarning(
          fmt::format("refused worker at {} with the key {}: it is not in the file of allowed "
                      "workers (refused so far: {})",
                      decision.address, decision.public_key, counts.refused_handshakes));
  }
}

void Router::Impl::ReadMonitor() {
  while (const auto event = Receive(monitor.get(), 2)) {
    if (event->frames.front().size() < 6) continue;
    std::uint16_t kind = 0;
    std::memcpy(&kind, event->frames.front().data(), sizeof kind);
    if (kind == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) continue;  // Counted where it was refused.
    ++counts.refused_handshakes;
    if ((counts.refused_handshakes & (counts.refused_handshakes - 1)) == 0)
      LogWarning(
          fmt::format("a client failed the handshake: it uses no CURVE or a wrong server key "
                      "(refused so far: {})",
                      counts.refused_handshakes));
  }
}

void Router::Impl::Remember(const PeerId& peer, const std::string& public_key) {
  if (!zap) return;
  const auto now = std::chrono::steady_clock::now();
  known[peer] = {public_key, now};
  if (known.size() > kManyPeers)
    std::erase_if(known, [&](const auto& entry) { return now - entry.second.heard > kGoneAfter; });
}

// A connection stays open when its key is removed, but nothing may be sent over it any more.
bool Router::Impl::MayHear(const PeerId& peer) {
  if (!zap) return true;
  const auto found = known.find(peer);
  return found != known.end() && allow_list.NameOf(found->second.public_key).has_value();
}

Router::Router(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Router::~Router() = default;

Result<std::unique_ptr<Router>> Router::Open(const RouterOptions& options) {
  auto impl = std::make_unique<Impl>(options);
  if (Status opened = impl->Open(options); !opened) return std::move(opened).error();
  return std::unique_ptr<Router>(new Router(std::move(impl)));
}

std::vector<Incoming> Router::Poll(int timeout_ms) {
  // The ZAP socket is last, since it exists only with CURVE.
  std::array<zmq_pollitem_t, 4> items = {{{impl_->router.get(), 0, ZMQ_POLLIN, 0},
                                          {nullptr, impl_->wake_fd, ZMQ_POLLIN, 0},
                                          {impl_->monitor.get(), 0, ZMQ_POLLIN, 0},
                                          {impl_->zap.get(), 0, ZMQ_POLLIN, 0}}};
  std::vector<Incoming> incoming;
  if (zmq_poll(items.data(), impl_->zap ? 4 : 3, timeout_ms) < 0) return incoming;
  std::uint64_t wakes = 0;
  if (items[1].revents != 0 && ::read(impl_->wake_fd, &wakes, sizeof wakes) < 0) return incoming;
  if (impl_->zap && items[3].revents != 0) impl_->AnswerHandshakes();
  if (items[2].revents != 0) impl_->ReadMonitor();
  constexpr std::size_t kMaxFrames = 5;  // Address, up to three of ours, one too many.
  for (int i = 0; i < kBatch; ++i) {
    auto received = Receive(impl_->router.get(), kMaxFrames);
    if (!received) break;
    // A connection stays open when its key is removed, but nothing is taken from it any more.
    if (impl_->zap && !impl_->allow_list.NameOf(received->user)) {
      ++impl_->counts.refused_handshakes;
      continue;
    }
    const std::vector<std::string>& frames = received->frames;
    impl_->Remember(frames.front(), received->user);
    const std::vector<std::string_view> body(frames.begin() + 1, frames.end());
    for (const std::string_view frame : body)
      impl_->counts.received_bytes += static_cast<std::int64_t>(frame.size());
    Incoming one{frames.front(), protocol::Decode(body)};
    if (!one.message) ++impl_->counts.malformed;
    incoming.push_back(std::move(one));
  }
  return incoming;
}

bool Router::Send(const PeerId& peer, const protocol::Message& message) {
  if (!impl_->MayHear(peer)) return false;
  const auto encoded = protocol::Encode(message);
  if (!encoded) {
    LogError("cannot send " + std::string(protocol::Name(message)) + ": " +
             encoded.error().message());
    return false;
  }
  std::vector<std::string_view> frames = {peer};
  frames.insert(frames.end(), encoded->begin(), encoded->end());
  if (!SendFrames(impl_->router.get(), frames)) return false;
  for (const std::string_view frame : *encoded)
    impl_->counts.sent_bytes += static_cast<std::int64_t>(frame.size());
  return true;
}

void Router::Wake() {
  const std::uint64_t one = 1;
  // It fails only when the counter is full, and then the poll ends anyway.
  [[maybe_unused]] const auto written = ::write(impl_->wake_fd, &one, sizeof one);
}

const RouterCounts& Router::counts() const { return impl_->counts; }

WorkerKeys Router::GetWorkerKeys() {
  WorkerKeys keys;
  if (!impl_->zap) return keys;
  const auto now = std::chrono::steady_clock::now();
  for (const auto& [public_key, name] : impl_->allow_list.Names()) {
    const bool in_use = std::any_of(
        impl_->known.begin(), impl_->known.end(), [&, &key = public_key](const auto& entry) {
          return entry.second.public_key == key && now - entry.second.heard <= kInUseFor;
        });
    keys.keys.push_back({name, in_use});
  }
  keys.trouble = impl_->allow_list.Trouble();
  return keys;
}

}  // namespace osteon::plugin
