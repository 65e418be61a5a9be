// SPDX-License-Identifier: GPL-3.0-or-later
// The plugin's socket against real DEALERs on the loopback, with CURVE.
#include "orthanc-plugin/dispatch/router.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zmq.h>

#include <chrono>
#include <fstream>
#include <map>

#include "daemon/protocol/frames.h"

namespace osteon::plugin {
namespace {

protocol::CurveKeyPair MakeKeys() {
  char public_key[41] = {};
  char secret_key[41] = {};
  zmq_curve_keypair(public_key, secret_key);
  return {public_key, secret_key};
}

// A worker's socket.
class Dealer {
 public:
  Dealer(const std::string& endpoint, const protocol::CurveKeyPair* own,
         const std::string& server_key)
      : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_DEALER)) {
    const int zero = 0;
    zmq_setsockopt(socket_, ZMQ_LINGER, &zero, sizeof zero);
    if (own) {
      zmq_setsockopt(socket_, ZMQ_CURVE_SERVERKEY, server_key.data(), server_key.size());
      zmq_setsockopt(socket_, ZMQ_CURVE_PUBLICKEY, own->public_key.data(), own->public_key.size());
      zmq_setsockopt(socket_, ZMQ_CURVE_SECRETKEY, own->secret_key.data(), own->secret_key.size());
    }
    zmq_connect(socket_, endpoint.c_str());
  }
  ~Dealer() {
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }
  Dealer(const Dealer&) = delete;
  Dealer& operator=(const Dealer&) = delete;

  void Send(const std::vector<std::string>& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i)
      zmq_send(socket_, frames[i].data(), frames[i].size(),
               i + 1 < frames.size() ? ZMQ_SNDMORE : 0);
  }
  bool Receives() {
    zmq_pollitem_t item = {socket_, 0, ZMQ_POLLIN, 0};
    return zmq_poll(&item, 1, 5'000) == 1;
  }

 private:
  void* context_;
  void* socket_;
};

class RouterTest : public testing::Test {
 protected:
  void TearDown() override {
    router.reset();
    if (!options.allowed_workers_file.empty())
      std::filesystem::remove(options.allowed_workers_file);
  }
  void Open() {
    // The first free port of a fixed range.
    for (int port = 39'211; port < 39'311; ++port) {
      options.endpoint = fmt::format("tcp://127.0.0.1:{}", port);
      auto opened = Router::Open(options);
      if (!opened) continue;
      router = *std::move(opened);
      return;
    }
    FAIL() << "no free port";
  }
  // Polls until `done` or the deadline.
  template <typename Done>
  bool PollUntil(Done done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < end) {
      for (Incoming& one : router->Poll(50)) incoming.push_back(std::move(one));
      if (done()) return true;
    }
    return false;
  }
  void Allow(const std::string& key) {
    options.allowed_workers_file = std::filesystem::path(testing::TempDir()) /
                                   fmt::format("osteon_router_test_{}.txt", ::getpid());
    std::ofstream(options.allowed_workers_file) << key << " worker\n";
  }

  RouterOptions options;
  std::unique_ptr<Router> router;
  std::vector<Incoming> incoming;
  const std::vector<std::string> hello =
      *protocol::Encode(protocol::Hello{"w", "1", "p", "1", "h", 1});
};

TEST_F(RouterTest, CarriesMessagesBothWays) {
  Open();
  Dealer dealer(options.endpoint, nullptr, "");
  dealer.Send(hello);
  ASSERT_TRUE(PollUntil([&] { return !incoming.empty(); }));
  ASSERT_TRUE(incoming[0].message.ok());
  EXPECT_TRUE(std::holds_alternative<protocol::Hello>(*incoming[0].message));
  EXPECT_TRUE(router->Send(incoming[0].peer, protocol::Committed{{"1", 1}}));
  EXPECT_TRUE(dealer.Receives());
}

TEST_F(RouterTest, AnUnknownPeerIsToldAtOnce) {
  Open();
  EXPECT_FALSE(router->Send("nobody", protocol::Committed{{"1", 1}}));
}

TEST_F(RouterTest, TellsWhichAllowedKeysAreInUse) {
  const auto server = MakeKeys(), here = MakeKeys(), away = MakeKeys();
  Allow(here.public_key);
  std::ofstream(options.allowed_workers_file, std::ios::app) << away.public_key << " away\n";
  options.server_keys = server;
  Open();
  Dealer dealer(options.endpoint, &here, server.public_key);
  dealer.Send(hello);
  ASSERT_TRUE(PollUntil([&] { return !incoming.empty(); }));
  std::map<std::string, bool> in_use;
  for (const WorkerKey& key : router->GetWorkerKeys().keys) in_use[key.name] = key.in_use;
  EXPECT_EQ(in_use, (std::map<std::string, bool>{{"worker", true}, {"away", false}}));
  EXPECT_EQ(router->GetWorkerKeys().trouble, "");
  std::filesystem::last_write_time(options.allowed_workers_file, {});
  std::ofstream(options.allowed_workers_file, std::ios::app) << "no key\n";
  EXPECT_NE(router->GetWorkerKeys().trouble, "");
  EXPECT_EQ(router->GetWorkerKeys().keys.size(), 2U) << "the last good list stays in force";
}

TEST_F(RouterTest, GarbageIsAnErrorAndCounted) {
  Open();
  Dealer dealer(options.endpoint, nullptr, "");
  dealer.Send({"garbage"});
  dealer.Send({"", "", "", "", "", "", ""});
  dealer.Send(hello);
  ASSERT_TRUE(PollUntil([&] { return incoming.size() == 3; }));
  EXPECT_FALSE(incoming[0].message.ok());
  EXPECT_FALSE(incoming[1].message.ok());
  EXPECT_TRUE(incoming[2].message.ok());
  EXPECT_EQ(router->counts().malformed, 2);
}

TEST_F(RouterTest, WithKeysOnlyAListedWorkerIsHeard) {
  const auto server = MakeKeys();
  const auto listed = MakeKeys();
  const auto stranger = MakeKeys();
  options.server_keys = server;
  Allow(listed.public_key);
  Open();
  Dealer bad(options.endpoint, &stranger, server.public_key);
  bad.Send(hello);
  ASSERT_TRUE(PollUntil([&] { return router->counts().refused_handshakes > 0; }));
  Dealer bare(options.endpoint, nullptr, "");
  bare.Send(hello);
  const auto refused = router->counts().refused_handshakes;
  ASSERT_TRUE(PollUntil([&] { return router->counts().refused_handshakes > refused; }));
  EXPECT_TRUE(incoming.empty());
  Dealer good(options.endpoint, &listed, server.public_key);
  good.Send(hello);
  EXPECT_TRUE(PollUntil([&] { return incoming.size() == 1; }));
  EXPECT_TRUE(router->Send(incoming[0].peer, protocol::Committed{{"1", 1}}));
  // Its key is removed: the connection stays open, but nothing is taken from it or sent to it.
  Allow(stranger.public_key);
  std::filesystem::last_write_time(
      options.allowed_workers_file,
      std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_FALSE(router->Send(incoming[0].peer, protocol::Committed{{"1", 1}}));
  const auto before = router->counts().refused_handshakes;
  good.Send(hello);
  EXPECT_TRUE(PollUntil([&] { return router->counts().refused_handshakes > before; }));
  EXPECT_EQ(incoming.size(), 1U);
}

TEST_F(RouterTest, OffThisMachineKeysAreNeeded) {
  options.endpoint = "tcp://0.0.0.0:39999";
  const auto opened = Router::Open(options);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), ErrorCode::kInvalidInput);
}

TEST_F(RouterTest, WakeEndsAPoll) {
  Open();
  router->Wake();
  const auto start = std::chrono::steady_clock::now();
  router->Poll(60'000);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace osteon::plugin
