// SPDX-License-Identifier: GPL-3.0-or-later
// The time of day at which a digest is due, on the clock on the wall: each local date has one
// morning, also when the clock is changed in between.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/clock.h"

namespace osteon::plugin {

// "07:00" as minutes of the day, 0..1439; nothing when it is no time of day.
std::optional<int> ParseTimeOfDay(std::string_view text);

struct Morning {
  std::string day;  // Local date, "2026-11-30".
  UnixMs at_ms = 0;
};
// The newest one that has come. A time that the clock skips in spring is an hour later or earlier.
Morning LastMorning(int minute_of_day, UnixMs now_ms);

}  // namespace osteon::plugin
