// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/digest/timetable.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "pipelines/base/moment.h"

namespace osteon::plugin {
namespace {

TEST(Timetable, ATimeOfDay) {
  EXPECT_EQ(ParseTimeOfDay("00:00"), 0);
  EXPECT_EQ(ParseTimeOfDay("07:30"), 450);
  EXPECT_EQ(ParseTimeOfDay("23:59"), 1439);
  for (const char* wrong : {"", "7:00", "24:00", "07:60", "07.00", "07:0x", "-1:00", "+7:00"})
    EXPECT_FALSE(ParseTimeOfDay(wrong)) << wrong;
}

TEST(Timetable, EachLocalDayHasOneMorning) {
  setenv("TZ", "Europe/Berlin", 1);
  tzset();
  struct Case {
    const char* now;
    int minute;
    const char* day;
    const char* at;
  };
  const Case cases[] = {
      {"2026-11-30T07:00", 420, "2026-11-30", "2026-11-30T06:00:00Z"},
      {"2026-11-30T06:59", 420, "2026-11-29", "2026-11-29T06:00:00Z"},
      {"2026-12-01T00:00", 420, "2026-11-30", "2026-11-30T06:00:00Z"},
      {"2026-11-01T00:30", 60, "2026-10-31", "2026-10-31T00:00:00Z"},
      // The clock is set forward at 02:00 on March 29, and back at 03:00 on October 25.
      {"2026-03-29T07:30", 420, "2026-03-29", "2026-03-29T05:00:00Z"},
      {"2026-10-25T07:30", 420, "2026-10-25", "2026-10-25T06:00:00Z"},
      {"2026-10-26T06:30", 420, "2026-10-25", "2026-10-25T06:00:00Z"}};
  for (const Case& c : cases) {
    const Morning morning = LastMorning(c.minute, *ParseMoment(c.now, 0));
    EXPECT_EQ(morning.day, c.day) << c.now;
    EXPECT_EQ(IsoTime(morning.at_ms), c.at) << c.now;
  }
}

TEST(Timetable, AMorningThatTheClockSkipsOrRepeatsIsOne) {
  setenv("TZ", "Europe/Berlin", 1);
  tzset();
  for (const auto& [from, days] : {std::pair{"2026-03-28T00:00Z", 3}, {"2026-10-24T00:00Z", 3}}) {
    std::string last;
    int mornings = 0;
    const UnixMs from_ms = *ParseMoment(from, 0);
    for (UnixMs at_ms = from_ms; at_ms < from_ms + days * 86'400'000LL; at_ms += 600'000) {
      const Morning morning = LastMorning(150, at_ms);
      EXPECT_LE(morning.at_ms, at_ms);
      if (morning.day != last) ++mornings;
      EXPECT_GE(morning.day, last);
      last = morning.day;
    }
    EXPECT_EQ(mornings, days + 1) << from;
  }
}

}  // namespace
}  // namespace osteon::plugin
