// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/digest/estimate.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "pipelines/base/moment.h"

namespace osteon::plugin {
namespace {

constexpr UnixMs kMinuteMs = 60'000;

QueueLoad Load(std::int64_t waiting, std::int64_t slots, std::vector<UnixMs> took_ms) {
  QueueLoad load;
  load.waiting[static_cast<std::size_t>(Priority::kRoutine)] = waiting;
  load.slots = slots;
  load.took_ms = std::move(took_ms);
  return load;
}

class EstimateTest : public testing::Test {
 protected:
  EstimateTest() {
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    now_ms = *ParseMoment("2026-11-29T12:00", 0);  // A Sunday.
  }
  // Minutes from now; where it is unknown, the reason.
  std::string Told(const QueueLoad& load) const {
    const Estimate estimate = EstimateEmpty(load, windows, now_ms);
    if (!estimate.unknown.empty()) {
      EXPECT_EQ(estimate.empty_ms, 0);
      return estimate.unknown;
    }
    return std::to_string((estimate.empty_ms - now_ms) / kMinuteMs);
  }

  UnixMs now_ms = 0;
  PriorityWindows windows;
};

TEST_F(EstimateTest, CountsWhatWasMeasuredOnTheSlotsThatAreThere) {
  EXPECT_EQ(Told(Load(0, 0, {})), "0");
  EXPECT_EQ(Told(Load(6, 1, {kMinuteMs, 3 * kMinuteMs})), "12");
  EXPECT_EQ(Told(Load(6, 3, {kMinuteMs, 3 * kMinuteMs})), "4");
  QueueLoad running = Load(1, 1, {4 * kMinuteMs});
  running.running_since_ms = {now_ms - 3 * kMinuteMs};
  EXPECT_EQ(Told(running), "5") << "the running job has one minute left";
  running.running_since_ms = {now_ms - 30 * kMinuteMs};
  EXPECT_EQ(Told(running), "4") << "beyond the mean it counts as finished";
}

TEST_F(EstimateTest, SaysUnknownWhereThereIsNoGround) {
  EXPECT_EQ(Told(Load(1, 0, {kMinuteMs})), "no worker is connected");
  EXPECT_EQ(Told(Load(1, 1, {})),
            "no study has been analysed yet, so the time per study is unknown");
  EXPECT_EQ(Told(Load(20'000, 1, {kMinuteMs})), "not within a week");
  QueueLoad held = Load(1, 1, {kMinuteMs});
  held.held = "paused";
  EXPECT_EQ(Told(held), "paused");
  held.waiting = {};
  held.running_since_ms = {now_ms};
  EXPECT_EQ(Told(held), "1") << "a pause does not stop running jobs";
}

TEST_F(EstimateTest, AClosedWindowIsWaitedFor) {
  windows[static_cast<std::size_t>(Priority::kRoutine)] = {*ParseWindow("Mon-Sun 22:00-06:00")};
  EXPECT_EQ(Told(Load(10, 1, {kMinuteMs})), "610");
  // 480 minutes fit into one night.
  EXPECT_EQ(Told(Load(490, 1, {kMinuteMs})), std::to_string((10 + 24) * 60 + 10));
}

}  // namespace
}  // namespace osteon::plugin
