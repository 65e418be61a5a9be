// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/digest/estimate.h"

#include <algorithm>
#include <numeric>

namespace osteon::plugin {
namespace {

constexpr UnixMs kStepMs = 60'000;
constexpr UnixMs kLongestMs = 7 * 86'400'000LL;

Estimate Unknown(std::string why) {
  Estimate estimate;
  estimate.unknown = std::move(why);
  return estimate;
}

}  // namespace

Estimate EstimateEmpty(const QueueLoad& load, const PriorityWindows& windows, UnixMs now_ms) {
  Estimate estimate;
  const std::int64_t waiting =
      std::accumulate(load.waiting.begin(), load.waiting.end(), std::int64_t{0});
  if (waiting == 0 && load.running_since_ms.empty()) {
    estimate.empty_ms = now_ms;
    return estimate;
  }
  if (waiting > 0 && !load.held.empty()) return Unknown(load.held);
  if (load.slots == 0) return Unknown("no worker is connected");
  if (load.took_ms.empty())
    return Unknown("no study has been analysed yet, so the time per study is unknown");
  estimate.measured = load.took_ms.size();
  estimate.mean_ms =
      std::max<UnixMs>(1, std::accumulate(load.took_ms.begin(), load.took_ms.end(), UnixMs{0}) /
                              static_cast<UnixMs>(load.took_ms.size()));
  UnixMs running_ms = 0;  // Work that is left of what workers have; no window stops it.
  for (const UnixMs since_ms : load.running_since_ms)
    running_ms += std::clamp<UnixMs>(since_ms + estimate.mean_ms - now_ms, 0, estimate.mean_ms);
  std::array<UnixMs, kPriorities.size()> left_ms = {};
  for (std::size_t i = 0; i < left_ms.size(); ++i) left_ms[i] = load.waiting[i] * estimate.mean_ms;
  for (UnixMs at_ms = now_ms; at_ms < now_ms + kLongestMs; at_ms += kStepMs) {
    UnixMs room_ms = load.slots * kStepMs;
    const auto spend = [&room_ms](UnixMs& work_ms) {
      const UnixMs spent_ms = std::min(room_ms, work_ms);
      work_ms -= spent_ms;
      room_ms -= spent_ms;
    };
    spend(running_ms);
    for (const Priority priority : OpenPriorities(windows, ToLocalTime(at_ms)))
      spend(left_ms[static_cast<std::size_t>(priority)]);
    const bool empty = running_ms == 0 && std::all_of(left_ms.begin(), left_ms.end(),
                                                      [](UnixMs work_ms) { return work_ms == 0; });
    if (!empty) continue;
    estimate.empty_ms = at_ms + kStepMs - room_ms / load.slots;
    return estimate;
  }
  estimate.unknown = "not within a week";
  return estimate;
}

}  // namespace osteon::plugin
