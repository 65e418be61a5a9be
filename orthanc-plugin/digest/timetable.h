// SPDX-License-Identifier: GPL-3.0-or-later
// When a digest is due, in local time. Each local date has exactly one morning, also on the days on
// which the clock is set to or from summer time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/clock.h"

namespace osteon::plugin {

// "07:00" as minutes since midnight, 0..1439; nullopt when it is not a time of this form.
std::optional<int> ParseTimeOfDay(std::string_view text);

struct Morning {
  std::string day;   // Local date, "2026-11-30".
  UnixMs at_ms = 0;  // When the digest of this date is due.
};
// The newest morning that is not after `now_ms`: today's, or yesterday's. A time that the clock
// skips in spring is moved by an hour.
Morning LastMorning(int minute_of_day, UnixMs now_ms);

}  // namespace osteon::plugin
