// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/windows.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace osteon::plugin {
namespace {

enum Day { kMon, kTue, kWed, kThu, kFri, kSat, kSun };
constexpr LocalTime At(Day day, int hour, int minute = 0) { return {day, hour * 60 + minute}; }

TEST(Windows, OpenAndClosed) {
  struct Case {
    const char* window;
    LocalTime time;
    bool open;
  };
  const Case cases[] = {
      {"Mon-Fri 22:00-06:00", At(kMon, 21, 59), false},
      {"Mon-Fri 22:00-06:00", At(kMon, 22), true},
      {"Mon-Fri 22:00-06:00", At(kTue, 5, 59), true},
      {"Mon-Fri 22:00-06:00", At(kTue, 6), false},
      {"Mon-Fri 22:00-06:00", At(kMon, 3), false},
      {"Mon-Fri 22:00-06:00", At(kSat, 3), true},
      {"Mon-Fri 22:00-06:00", At(kSat, 23), false},
      {"Sun 23:00-01:00", At(kMon, 0, 30), true},
      {"Sat-Sun 00:00-24:00", At(kSat, 0), true},
      {"Sat-Sun 00:00-24:00", At(kSun, 23, 59), true},
      {"Sat-Sun 00:00-24:00", At(kMon, 0), false},
      {"Fri-Mon 08:00-09:00", At(kSun, 8), true},
      {"Fri-Mon 08:00-09:00", At(kWed, 8), false},
  };
  for (const Case& c : cases) {
    const auto window = ParseWindow(c.window);
    ASSERT_TRUE(window.ok()) << c.window;
    EXPECT_EQ(IsOpen(*window, c.time), c.open)
        << c.window << ", day " << c.time.weekday << ", minute " << c.time.minute;
  }
}

TEST(Windows, WhatIsNoWindow) {
  for (const char* text :
       {"", "22:00-06:00", "Mo 22:00-06:00", "Mon 22-06", "Mon 24:00-06:00", "Mon 22:00-00:00",
        "Mon 22:60-23:00", "Mon 08:00-08:00", "Mon-Fri-Sun 08:00-09:00", "Mon 08:00-25:00"})
    EXPECT_FALSE(ParseWindow(text).ok()) << text;
}

TEST(Windows, WithoutWindowAPriorityIsAlwaysOpen) {
  PriorityWindows windows;
  windows[static_cast<std::size_t>(Priority::kOvernight)] = {*ParseWindow("Mon 22:00-06:00")};
  EXPECT_EQ(OpenPriorities(windows, At(kMon, 12)),
            (std::vector<Priority>{Priority::kStat, Priority::kRoutine, Priority::kBackfill}));
  EXPECT_EQ(OpenPriorities(windows, At(kMon, 23)).size(), 4U);
}

TEST(Windows, FollowTheClockOnTheWallThroughBothChangesOfTime) {
  ::setenv("TZ", "Europe/Berlin", 1);
  ::tzset();
  // 2026-03-29 the clock goes from 02:00 to 03:00 (01:00 UTC), 2026-10-25 from 03:00 back to 02:00
  // (01:00 UTC). Sundays.
  struct Case {
    UnixMs utc_s;
    int hour;
  };
  const Case cases[] = {
      {1774745999, 1}, {1774746000, 3}, {1792889999, 2}, {1792890000, 2}, {1792893600, 3}};
  for (const Case& c : cases) {
    const LocalTime local = ToLocalTime(c.utc_s * 1000);
    EXPECT_EQ(local.weekday, kSun);
    EXPECT_EQ(local.minute / 60, c.hour) << c.utc_s;
  }
  ::unsetenv("TZ");
  ::tzset();
}

}  // namespace
}  // namespace osteon::plugin
