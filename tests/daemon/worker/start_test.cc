// SPDX-License-Identifier: GPL-3.0-or-later
// Keys and settings with which a worker starts or refuses to.
#include <gmock/gmock.h>

#include <fstream>

#include "tests/daemon/worker/loop_fixture.h"

namespace osteon {
namespace {

using protocol::Hello;
using testing::FakePlugin;
using ::testing::HasSubstr;
using testing::WaitUntil;
using testing::WorkerProcess;
namespace fs = std::filesystem;

class CurveTest : public testing::LoopFixture {
 protected:
  std::string WriteKeys(const protocol::CurveKeyPair& server) {
    const fs::path secret = folder() / "w.key";
    const fs::path shared = folder() / "server.pub";
    EXPECT_TRUE(protocol::CreateSecretKeyFile(secret, *testing::MakeKeys()));
    EXPECT_TRUE(protocol::CreatePublicKeyFile(shared, {server.public_key, "server"}));
    return "key_file = \"" + secret.string() + "\"\nserver_public_key_file = \"" + shared.string() +
           "\"\n";
  }
};

TEST_F(CurveTest, AStudyGoesThroughEncrypted) {
  const auto keys = testing::MakeKeys();
  plugin_ = std::make_unique<FakePlugin>(keys);
  Start(WriteKeys(*keys));
  Give("17", 1, "result 700000");
  EXPECT_TRUE(plugin_->AwaitResult());
}

TEST_F(CurveTest, AWrongServerKeyIsSaidInTheLog) {
  plugin_ = std::make_unique<FakePlugin>(testing::MakeKeys());
  worker_ = std::make_unique<WorkerProcess>(folder(), plugin_->endpoint(),
                                            WriteKeys(*testing::MakeKeys()));
  EXPECT_TRUE(
      WaitUntil([&] { return worker_->Log().find("refuses the handshake") != std::string::npos; }));
  EXPECT_TRUE(plugin_->Silent<Hello>(200));
}

TEST_F(CurveTest, TheSecondServerKeyIsTriedWhileKeysAreChanged) {
  const auto keys = testing::MakeKeys();
  plugin_ = std::make_unique<FakePlugin>(keys);
  const std::string config = WriteKeys(*testing::MakeKeys());
  std::ofstream(folder() / "server.pub", std::ios::app) << keys->public_key << " next\n";
  Start(config);
}

TEST_F(CurveTest, ASecretKeyOpenToOthersStopsTheStart) {
  const std::string config = WriteKeys(*testing::MakeKeys());
  fs::permissions(folder() / "w.key", fs::perms::group_read, fs::perm_options::add);
  worker_ = std::make_unique<WorkerProcess>(folder(), plugin_->endpoint(), config);
  EXPECT_EQ(worker_->Wait(), 1);
  EXPECT_THAT(worker_->Log(), HasSubstr("chmod 600"));
}

using StartTest = testing::LoopFixture;

TEST_F(StartTest, AnUnknownKeyStopsTheStartWithItsName) {
  worker_ = std::make_unique<WorkerProcess>(folder(), plugin_->endpoint(), "slot = 3\n");
  EXPECT_EQ(worker_->Wait(), 2);
  EXPECT_THAT(worker_->Log(),
              HasSubstr("unknown key 'slot' in [worker], the nearest known one is 'slots'"));
}

}  // namespace
}  // namespace osteon
