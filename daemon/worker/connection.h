// SPDX-License-Identifier: GPL-3.0-or-later
// The connection to the plugin: one DEALER socket, its monitor, CURVE, and a back-off after refused
// handshakes, since libzmq alone would try four times a second for ever. Nothing here blocks. ZMTP
// heartbeats run in libzmq's own thread.
#pragma once

#include <zmq.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/protocol/curve_key.h"
#include "daemon/protocol/messages.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace osteon {

struct ConnectionOptions {
  std::string endpoint;
  std::optional<protocol::CurveKeyPair> keys;  // Empty: no CURVE.
  // Tried in turn after a refused handshake. Not empty with keys.
  std::vector<protocol::CurvePublicKey> server_keys;
};

enum class ConnectionEvent {
  kConnected,        // Handshake done: messages can be sent.
  kDisconnected,     // Was connected; libzmq is trying again.
  kHandshakeFailed,  // Reached, but not let in; tried again after the back-off.
};

// Used by one thread. Move-only.
class Connection {
 public:
  // Starts connecting; kInvalidInput when libzmq takes the endpoint or the keys for malformed.
  static Result<Connection> Open(ConnectionOptions options);

  // False: not connected, or the send queue is full. Nothing is kept; the caller tries again. A
  // message outside its limits is logged and dropped as if it had been sent.
  bool Send(const protocol::Message& message);
  // The next message that has arrived; an error for one that cannot be read (frames.h).
  std::optional<Result<protocol::Message>> Receive();

  std::optional<ConnectionEvent> NextEvent(SteadyMs now);
  // Connects again when the back-off is over. Call it a few times a second.
  void Maintain(SteadyMs now);

  // For zmq_poll: the socket and its monitor.
  std::array<zmq_pollitem_t, 2> PollItems(short socket_events) const;

 private:
  struct CloseContext {
    void operator()(void* context) const { zmq_ctx_term(context); }
  };
  struct CloseSocket {
    void operator()(void* socket) const { zmq_close(socket); }
  };

  explicit Connection(ConnectionOptions options) : options_(std::move(options)) {}
  Status OpenSockets();
  Status Connect();
  void BackOff(SteadyMs now);

  ConnectionOptions options_;
  // Destroyed from the last to the first: ending a context waits for its sockets.
  std::unique_ptr<void, CloseContext> context_;
  std::unique_ptr<void, CloseSocket> socket_;
  std::unique_ptr<void, CloseSocket> monitor_;
  bool up_ = false;
  std::size_t server_key_ = 0;  // Index of the one in use.
  int refusals_ = 0;
  std::optional<SteadyMs> connect_at_;  // Set while disconnected by the back-off.
};

}  // namespace osteon
