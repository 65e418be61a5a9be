// SPDX-License-Identifier: GPL-3.0-or-later
// A real osteond process; the test plays its plugin.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "tests/daemon/worker/fake_plugin.h"

namespace osteon::testing {

class LoopFixture : public ::testing::Test {
 protected:
  void Start(const std::string& keys = "", const std::string& tables = "") {
    worker_ = std::make_unique<WorkerProcess>(folder(), plugin_->endpoint(), keys, tables);
    AwaitIdle();
  }
  void AwaitIdle() {
    ASSERT_TRUE(plugin_->Await<protocol::Hello>());
    ASSERT_TRUE(
        plugin_->Await<protocol::Ready>([](const protocol::Ready& r) { return r.free_slots > 0; }));
  }
  void KillWorker() {
    worker_->Signal(SIGKILL);
    worker_->Wait();
  }
  protocol::Job Give(const std::string& id, std::uint32_t attempt, const std::string& command) {
    protocol::Job job = JobOf(id, attempt, {command, "second instance"});
    plugin_->Give(job, {command, "second instance"});
    return job;
  }
  // Waits until the child has started its work.
  bool AwaitRunning(const protocol::Job& job) {
    return plugin_
        ->Await<protocol::Touch>(
            [&](const protocol::Touch& t) { return t.lease == job.lease && t.stage == "detect"; })
        .has_value();
  }
  std::vector<std::string> SpoolFolders() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder() / "spool")) {
      const std::string name = entry.path().filename();
      if (name != "lock" && !name.starts_with("settings-")) names.push_back(name);
    }
    return names;
  }
  bool SpoolEmpties() const {
    return WaitUntil([this] { return SpoolFolders().empty(); });
  }
  std::filesystem::path folder() const { return scratch_.path(); }

  ScratchFolder scratch_;
  std::unique_ptr<FakePlugin> plugin_ = std::make_unique<FakePlugin>();
  std::unique_ptr<WorkerProcess> worker_;
};

}  // namespace osteon::testing
