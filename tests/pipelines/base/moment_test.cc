// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/moment.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace osteon {
namespace {

TEST(Moment, IsReadAsPeopleWriteIt) {
  setenv("TZ", "Europe/Berlin", 1);
  tzset();
  const UnixMs now_ms = *ParseMoment("2026-11-29T10:30:00Z", 0);  // 11:30 in Berlin.
  ASSERT_EQ(IsoTime(now_ms), "2026-11-29T10:30:00Z");
  struct Case {
    const char* text;
    const char* meant;  // Empty: it is no time.
  };
  const Case cases[] = {{"12h", "2026-11-28T22:30:00Z"},
                        {"3d", "2026-11-26T10:30:00Z"},
                        {"0h", "2026-11-29T10:30:00Z"},
                        {"today", "2026-11-28T23:00:00Z"},
                        {"yesterday", "2026-11-27T23:00:00Z"},
                        {"2026-11-22", "2026-11-21T23:00:00Z"},
                        {"2026-11-22T07:00", "2026-11-22T06:00:00Z"},
                        {"2026-11-22 07:00:30", "2026-11-22T06:00:30Z"},
                        {"2026-07-01T07:00", "2026-07-01T05:00:00Z"},  // Summer time.
                        {"2026-11-22T07:00:00Z", "2026-11-22T07:00:00Z"},
                        {"2026-11-22T07:00Z", "2026-11-22T07:00:00Z"},
                        {"", ""},
                        {"h", ""},
                        {"-3d", ""},
                        {"3w", ""},
                        {"99999999d", ""},
                        {"2026", ""},
                        {"2026-13-01", ""},
                        {"2026-00-01", ""},
                        {"2026-11-22T25:00", ""},
                        {"2026-11-22T07", ""},
                        {"2026-11-22T07:00:00+01", ""},
                        {"1969-01-01", ""},
                        {"friday", ""}};
  for (const Case& c : cases) {
    const auto at_ms = ParseMoment(c.text, now_ms);
    EXPECT_EQ(at_ms ? IsoTime(*at_ms) : "", c.meant) << c.text;
  }
}

}  // namespace
}  // namespace osteon
