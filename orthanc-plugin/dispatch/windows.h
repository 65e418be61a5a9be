// SPDX-License-Identifier: GPL-3.0-or-later
// When jobs of a priority may be handed out: weekday-aware windows of local time. Evaluated anew
// each time in local time, so that windows follow summer and winter time.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/base/result.h"

namespace osteon::plugin {

// "Mon-Fri 22:00-06:00": opens on each of the days at `from`, and closes at `to`, on the next day
// when that is not later.
struct Window {
  std::array<bool, 7> opens_on = {};  // From Monday.
  int from_minute = 0;                // Of the day, 0..1439.
  int to_minute = 0;                  // 1..1440.
};

// Errors: kInvalidInput that shows the form.
Result<Window> ParseWindow(std::string_view text);

struct LocalTime {
  int weekday = 0;  // From Monday.
  int minute = 0;   // Of the day.
};
LocalTime ToLocalTime(UnixMs at_ms);

bool IsOpen(const Window& window, LocalTime time);

// Indexed by Priority. No window: always open.
using PriorityWindows = std::array<std::vector<Window>, kPriorities.size()>;
std::vector<Priority> OpenPriorities(const PriorityWindows& windows, LocalTime time);

}  // namespace osteon::plugin
