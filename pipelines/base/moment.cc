// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/moment.h"

#include <charconv>
#include <ctime>

namespace osteon {
namespace {

constexpr UnixMs kHourMs = 3'600'000;
constexpr UnixMs kDayMs = 24 * kHourMs;

std::tm LocalDay(UnixMs at_ms) {
  const std::time_t seconds = static_cast<std::time_t>(at_ms / 1000);
  std::tm day = {};
  localtime_r(&seconds, &day);
  day.tm_hour = day.tm_min = day.tm_sec = 0;
  day.tm_isdst = -1;
  return day;
}

std::optional<UnixMs> FromLocal(std::tm local) {
  const std::time_t seconds = std::mktime(&local);
  if (seconds < 0) return std::nullopt;
  return UnixMs{seconds} * 1000;
}

std::optional<int> Number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool digits = !text.empty() && text.front() >= '0' && text.front() <= '9';
  if (!digits || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "12h", "3d".
std::optional<UnixMs> Ago(std::string_view text, UnixMs now_ms) {
  if (!text.ends_with('h') && !text.ends_with('d')) return std::nullopt;
  const auto number = Number(text.substr(0, text.size() - 1));
  if (!number || *number > 100'000) return std::nullopt;
  return now_ms - *number * (text.ends_with('h') ? kHourMs : kDayMs);
}

// Two digits behind `separator` at the front of `text`, which loses them.
bool Take(std::string_view& text, char separator, int most, int& value) {
  if (text.size() < 3 || text.front() != separator) return false;
  const auto number = Number(text.substr(1, 2));
  if (!number || *number > most) return false;
  value = *number;
  text.remove_prefix(3);
  return true;
}

std::optional<UnixMs> Written(std::string_view text) {
  std::tm time = {};
  time.tm_isdst = -1;
  const auto year = Number(text.substr(0, std::min<std::size_t>(4, text.size())));
  if (!year || *year < 1970) return std::nullopt;
  text.remove_prefix(4);
  int month = 0;
  if (!Take(text, '-', 12, month) || !Take(text, '-', 31, time.tm_mday)) return std::nullopt;
  if (month < 1 || time.tm_mday < 1) return std::nullopt;
  time.tm_year = *year - 1900;
  time.tm_mon = month - 1;
  if (text.empty()) return FromLocal(time);
  const char separator = text.front() == ' ' ? ' ' : 'T';
  if (!Take(text, separator, 23, time.tm_hour) || !Take(text, ':', 59, time.tm_min))
    return std::nullopt;
  Take(text, ':', 59, time.tm_sec);
  if (text.empty()) return FromLocal(time);
  if (text != "Z") return std::nullopt;
  return UnixMs{timegm(&time)} * 1000;
}

}  // namespace

std::string IsoTime(UnixMs at_ms) {
  if (at_ms == 0) return {};
  const std::time_t seconds = static_cast<std::time_t>(at_ms / 1000);
  std::tm utc = {};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

std::optional<UnixMs> ParseMoment(std::string_view text, UnixMs now_ms) {
  std::tm day = LocalDay(now_ms);
  if (text == "today") return FromLocal(day);
  --day.tm_mday;
  if (text == "yesterday") return FromLocal(day);
  if (const auto ago = Ago(text, now_ms)) return ago;
  return Written(text);
}

}  // namespace osteon
