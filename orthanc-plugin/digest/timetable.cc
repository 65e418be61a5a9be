// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/digest/timetable.h"

#include <charconv>
#include <ctime>

namespace osteon::plugin {
namespace {

std::optional<int> TwoDigits(std::string_view text, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (text.size() != 2 || !whole || value < 0 || value > most) return std::nullopt;
  return value;
}

Morning MorningOf(std::tm day, int minute_of_day) {
  day.tm_hour = minute_of_day / 60;
  day.tm_min = minute_of_day % 60;
  day.tm_sec = 0;
  day.tm_isdst = -1;
  const std::time_t at = std::mktime(&day);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &day);
  return {text, UnixMs{at} * 1000};
}

}  // namespace

std::optional<int> ParseTimeOfDay(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = TwoDigits(text.substr(0, 2), 23);
  const auto minute = TwoDigits(text.substr(3), 59);
  if (!hour || !minute) return std::nullopt;
  return *hour * 60 + *minute;
}

Morning LastMorning(int minute_of_day, UnixMs now_ms) {
  const std::time_t seconds = static_cast<std::time_t>(now_ms / 1000);
  std::tm day = {};
  localtime_r(&seconds, &day);
  Morning morning = MorningOf(day, minute_of_day);
  if (morning.at_ms <= now_ms) return morning;
  --day.tm_mday;
  return MorningOf(day, minute_of_day);
}

}  // namespace osteon::plugin
