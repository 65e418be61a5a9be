// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/windows.h"

#include <algorithm>
#include <ctime>
#include <optional>

namespace osteon::plugin {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr int kMinutesPerDay = 24 * 60;

std::optional<int> ParseDay(std::string_view text) {
  const auto day = std::find(kDays.begin(), kDays.end(), text);
  if (day == kDays.end()) return std::nullopt;
  return static_cast<int>(day - kDays.begin());
}

// "HH:MM", up to 24:00.
std::optional<int> ParseMinute(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(text[0]) || !digit(text[1]) || !digit(text[3]) ||
      !digit(text[4]))
    return std::nullopt;
  const int hour = (text[0] - '0') * 10 + text[1] - '0';
  const int minute = (text[3] - '0') * 10 + text[4] - '0';
  if (minute > 59 || hour * 60 + minute > kMinutesPerDay) return std::nullopt;
  return hour * 60 + minute;
}

struct Pair {
  std::string_view first;
  std::string_view second;
};
Pair SplitAt(std::string_view text, char at) {
  const auto position = text.find(at);
  if (position == std::string_view::npos) return {text, text};
  return {text.substr(0, position), text.substr(position + 1)};
}

}  // namespace

Result<Window> ParseWindow(std::string_view text) {
  const Error wrong = InvalidInput(
      "'" + std::string(text) +
      "' is no time window; write it like \"Mon-Fri 22:00-06:00\" or \"Sun 00:00-24:00\"");
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return wrong;
  const Pair days = SplitAt(text.substr(0, space), '-');
  const Pair times = SplitAt(text.substr(space + 1), '-');
  const auto first = ParseDay(days.first);
  const auto last = ParseDay(days.second);
  const auto from = ParseMinute(times.first);
  const auto to = ParseMinute(times.second);
  if (!first || !last || !from || !to || *from == kMinutesPerDay || *to == 0 || *from == *to)
    return wrong;
  Window window;
  for (int day = *first;; day = (day + 1) % 7) {
    window.opens_on[static_cast<std::size_t>(day)] = true;
    if (day == *last) break;
  }
  window.from_minute = *from;
  window.to_minute = *to;
  return window;
}

LocalTime ToLocalTime(UnixMs at_ms) {
  const std::time_t seconds = static_cast<std::time_t>(at_ms / 1000);
  std::tm local = {};
  localtime_r(&seconds, &local);
  return {(local.tm_wday + 6) % 7, local.tm_hour * 60 + local.tm_min};
}

bool IsOpen(const Window& window, LocalTime time) {
  const auto opens = [&](int day) {
    return window.opens_on[static_cast<std::size_t>((day + 7) % 7)];
  };
  if (window.from_minute < window.to_minute)
    return opens(time.weekday) && time.minute >= window.from_minute &&
           time.minute < window.to_minute;
  return (opens(time.weekday) && time.minute >= window.from_minute) ||
         (opens(time.weekday - 1) && time.minute < window.to_minute);
}

std::vector<Priority> OpenPriorities(const PriorityWindows& windows, LocalTime time) {
  std::vector<Priority> open;
  for (const Priority priority : kPriorities) {
    const std::vector<Window>& own = windows[static_cast<std::size_t>(priority)];
    const bool any = std::any_of(own.begin(), own.end(),
                                 [&](const Window& window) { return IsOpen(window, time); });
    if (own.empty() || any) open.push_back(priority);
  }
  return open;
}

}  // namespace osteon::plugin
