// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/loop.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "pipelines/base/log.h"

namespace osteon {
namespace {

constexpr long kTickMs = 100;  // Time-outs are checked this often.
// In one round, so that a plugin that sends without end does not keep the children waiting.
constexpr int kMaxMessagesAtOnce = 64;
// A refused handshake is logged once and then every ten minutes, not at every try.
constexpr SteadyMs kSayAgainMs = 600'000;

class EventLog {
 public:
  void Say(ConnectionEvent event, SteadyMs now) {
    if (event == ConnectionEvent::kConnected) {
      LogInfo("connected to the plugin");
      say_refusal_from_ = 0;
    } else if (event == ConnectionEvent::kDisconnected) {
      LogWarning("the connection to the plugin is broken; trying again");
    } else if (now >= say_refusal_from_) {
      say_refusal_from_ = now + kSayAgainMs;
      LogError(
          "the plugin refuses the handshake: is this worker's public key in its "
          "AllowedWorkersFile, and is"
          " server_public_key_file the key of its ServerKeyFile? 'osteon doctor' checks it. Trying "
          "again.");
    }
  }

 private:
  SteadyMs say_refusal_from_ = 0;
};

void TakeEvents(Connection& connection, Worker& worker, EventLog& log, SteadyMs now) {
  while (const std::optional<ConnectionEvent> event = connection.NextEvent(now)) {
    log.Say(*event, now);
    if (*event == ConnectionEvent::kConnected) worker.OnConnected(now);
    if (*event == ConnectionEvent::kDisconnected) worker.OnDisconnected();
  }
}

void TakeMessages(Connection& connection, Worker& worker, SteadyMs now) {
  for (int i = 0; i < kMaxMessagesAtOnce; ++i) {
    const std::optional<Result<protocol::Message>> message = connection.Receive();
    if (!message) return;
    if (*message) {
      worker.OnMessage(**message, now);
    } else {
      LogWarning("dropped a message: " + message->error().message());
    }
  }
}

void TakeSignals(int signal_fd, Worker& worker, SteadyMs now) {
  signalfd_siginfo info = {};
  while (::read(signal_fd, &info, sizeof info) == sizeof info) worker.Drain(now);
}

std::vector<zmq_pollitem_t> PollItems(const Connection& connection, const Worker& worker,
                                      int signal_fd) {
  const short events =
      static_cast<short>(worker.WantsToWrite() ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN);
  const auto sockets = connection.PollItems(events);
  std::vector<zmq_pollitem_t> items(sockets.begin(), sockets.end());
  items.push_back({nullptr, signal_fd, ZMQ_POLLIN, 0});
  for (const int fd : worker.ReportFds()) items.push_back({nullptr, fd, ZMQ_POLLIN, 0});
  return items;
}

}  // namespace

Result<ConnectionOptions> ConnectionOptionsOf(const WorkerConfig& config) {
  ConnectionOptions options{config.endpoint, std::nullopt, {}};
  if (config.key_file.empty()) return options;
  Result<protocol::CurveKeyPair> keys = protocol::LoadSecretKeyFile(config.key_file);
  if (!keys) return std::move(keys).error();
  auto server_keys = protocol::LoadPublicKeyFile(config.server_public_key_file);
  if (!server_keys) return std::move(server_keys).error();
  if (server_keys->empty()) {
    return InvalidInput(config.server_public_key_file.string() + ": holds no key");
  }
  options.keys = std::move(keys).value();
  options.server_keys = std::move(server_keys).value();
  return options;
}

Result<Fd> WatchSignals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  Fd fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd) return Internal("signalfd is not available");
  return fd;
}

void RunLoop(Worker& worker, Connection& connection, LiveSettings& live, MetricsServer* metrics,
             int signal_fd, const Clock& clock) {
  EventLog log;
  while (!worker.Finished()) {
    std::vector<zmq_pollitem_t> items = PollItems(connection, worker, signal_fd);
    if (metrics != nullptr) items.push_back(metrics->PollItem());
    zmq_poll(items.data(), static_cast<int>(items.size()), kTickMs);
    const SteadyMs now = clock.Steady();
    TakeEvents(connection, worker, log, now);
    TakeMessages(connection, worker, now);
    TakeSignals(signal_fd, worker, now);
    connection.Maintain(now);
    if (live.Look(now)) worker.Use(live.settings(), now);
    worker.SetTrouble(live.trouble());
    worker.OnTick(now);
    if (metrics != nullptr) metrics->Serve(now, [&] { return MetricsText(worker.Figures()); });
  }
  LogInfo("stopped");
}

}  // namespace osteon
