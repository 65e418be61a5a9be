// SPDX-License-Identifier: GPL-3.0-or-later
// SIGTERM: no new jobs, the running ones get drain_seconds.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/daemon/worker/loop_fixture.h"

namespace osteon {
namespace {

using protocol::Failed;
using protocol::Job;
using protocol::Ready;
using testing::WaitUntil;
namespace fs = std::filesystem;

using DrainTest = testing::LoopFixture;

TEST_F(DrainTest, SigtermLetsTheRunningStudyFinish) {
  Start("slots = 2\n");
  const fs::path gate = folder() / "gate";
  const Job job = Give("17", 1, "wait " + gate.string());
  ASSERT_TRUE(AwaitRunning(job));
  worker_->Signal(SIGTERM);
  ASSERT_TRUE(plugin_->Await<Ready>([](const Ready& r) { return r.free_slots == 0; }));
  std::ofstream(gate) << "open";
  ASSERT_TRUE(plugin_->AwaitResult());
  plugin_->Send(protocol::Committed{job.lease});
  EXPECT_EQ(worker_->Wait(), 0);
  EXPECT_TRUE(SpoolFolders().empty());
}

TEST_F(DrainTest, SigtermGivesTheStudyBackWhenTheTimeIsUp) {
  Start("drain_seconds = 0\n");
  const Job job = Give("17", 1, "hang");
  ASSERT_TRUE(AwaitRunning(job));
  worker_->Signal(SIGTERM);
  const auto failed = plugin_->Await<Failed>();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->code, ErrorCode::kCancelled);
  plugin_->Send(protocol::Committed{job.lease});
  EXPECT_EQ(worker_->Wait(), 0);
}

TEST_F(DrainTest, AJobThatWasOnItsWayWhenTheDrainBeganIsGivenBack) {
  Start();
  worker_->Signal(SIGTERM);
  ASSERT_TRUE(plugin_->Await<Ready>([](const Ready& r) { return r.free_slots == 0; }));
  const Job job = Give("17", 1, "result 10");
  const auto failed = plugin_->Await<Failed>();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->code, ErrorCode::kCancelled);
  plugin_->Send(protocol::Committed{job.lease});
  EXPECT_EQ(worker_->Wait(), 0);
}

TEST_F(DrainTest, SigtermWithoutAPluginEndsAtOnce) {
  Start();
  plugin_.reset();
  ASSERT_TRUE(WaitUntil([&] { return worker_->Log().find("is broken") != std::string::npos; }));
  worker_->Signal(SIGTERM);
  EXPECT_EQ(worker_->Wait(), 0);
}

}  // namespace
}  // namespace osteon
