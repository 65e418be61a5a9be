// SPDX-License-Identifier: GPL-3.0-or-later
// Points in time as people and programs write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/clock.h"

namespace osteon {

// "2026-11-22T23:58:00Z"; empty for 0.
std::string IsoTime(UnixMs at_ms);

// What a person types for a point in the past: "12h", "3d" (so long ago), "yesterday", "today"
// (midnight), "2026-11-22", "2026-11-22T23:58" in local time, "2026-11-22T23:58:00Z" in UTC; a
// blank may stand for the T. Nothing when it is none of these.
std::optional<UnixMs> ParseMoment(std::string_view text, UnixMs now_ms);
inline constexpr std::string_view kMomentForms =
    "12h, 3d, yesterday, 2026-11-22, or 2026-11-22T07:00";

}  // namespace osteon
