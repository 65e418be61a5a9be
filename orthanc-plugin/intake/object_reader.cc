// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/object_reader.h"

#include <algorithm>

#include "pipelines/base/nearest.h"

namespace osteon::plugin {
namespace {

constexpr std::size_t kMaxPatternLength = 500;

// libstdc++ 12 reads the numbers of {n,m} and of back references into a long without looking
// whether they fit.
bool HasHugeNumber(std::string_view pattern) {
  constexpr std::size_t kMostDigits = 3;
  constexpr std::string_view kDigits = "0123456789";
  const auto digits_at = [&](std::size_t at) {
    return std::min(pattern.find_first_not_of(kDigits, at), pattern.size()) - at;
  };
  for (std::size_t n = 0; n < pattern.size(); ++n) {
    const bool before_number = pattern[n] == '{' || pattern[n] == ',' || pattern[n] == '\\';
    if (before_number && digits_at(n + 1) > kMostDigits) return true;
  }
  return false;
}

}  // namespace

void ObjectReader::Read(std::string_view key, std::string& to) {
  if (const Json* value = Take(key, "text", &Json::is_string)) to = value->get<std::string>();
}

void ObjectReader::Read(std::string_view key, bool& to) {
  if (const Json* value = Take(key, "true or false", &Json::is_boolean)) to = value->get<bool>();
}

void ObjectReader::Read(std::string_view key, std::optional<bool>& to) {
  if (const Json* value = Take(key, "true or false", &Json::is_boolean)) to = value->get<bool>();
}

void ObjectReader::Read(std::string_view key, double& to, Range allowed) {
  const Json* value = Take(key, "a number", &Json::is_number);
  if (!value) return;
  const auto number = value->get<double>();
  if (!(number >= allowed[0] && number <= allowed[1]))
    return Fail(key, "is " + value->dump() + " and must be between " + Json(allowed[0]).dump() +
                         " and " + Json(allowed[1]).dump());
  to = number;
}

void ObjectReader::ReadWhole(std::string_view key, std::int64_t& to, std::int64_t min,
                             std::int64_t max) {
  const Json* value = Take(key, "a whole number", &Json::is_number_integer);
  if (!value) return;
  const auto whole = value->get<std::int64_t>();
  // An unsigned number beyond the signed range would come out negative.
  const bool huge = value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX;
  if (huge || whole < min || whole > max)
    return Fail(key, "is " + value->dump() + " and must be between " + std::to_string(min) +
                         " and " + std::to_string(max));
  to = whole;
}

void ObjectReader::Read(std::string_view key, std::optional<Range>& to) {
  const Json* value = Take(key, "[from, to]", &Json::is_array);
  if (!value) return;
  if (value->size() != 2 || !value->front().is_number() || !value->back().is_number() ||
      !(value->front().get<double>() <= value->back().get<double>()))
    return Fail(key, "must be [from, to]");
  to = Range{value->front().get<double>(), value->back().get<double>()};
}

void ObjectReader::Read(std::string_view key, std::vector<std::string>& to) {
  const Json* value = Take(key, "a list of texts", &Json::is_array);
  if (!value) return;
  for (const Json& item : *value) {
    if (!item.is_string()) return Fail(key, "must be a list of texts");
    to.push_back(item.get<std::string>());
  }
}

void ObjectReader::Read(std::string_view key, std::optional<TextPattern>& to) {
  const Json* value = Take(key, "a regular expression", &Json::is_string);
  if (!value) return;
  const std::string source = value->get<std::string>();
  if (source.size() > kMaxPatternLength) return Fail(key, "is longer than 500 characters");
  if (HasHugeNumber(source))
    return Fail(
        key, "has a number of more than three digits behind '{', ',' or '\\'; at most 999 is read");
  try {
    to = TextPattern{source, std::regex(source, std::regex::ECMAScript | std::regex::icase)};
  } catch (const std::regex_error& error) {
    Fail(key, std::string("is no regular expression: ") + error.what());
  }
}

void ObjectReader::Fail(std::string_view key, const std::string& what) {
  if (wrong_.empty()) wrong_ = where_ + ": '" + std::string(key) + "' " + what;
}

Status ObjectReader::Finish() {
  for (const auto& [key, value] : object_.items()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    Fail(key, "is not known; did you mean '" + std::string(NearestName(key, known_)) + "'?");
  }
  if (!wrong_.empty()) return InvalidInput(wrong_);
  return {};
}

const ObjectReader::Json* ObjectReader::Take(std::string_view key, const char* kind,
                                             bool (Json::*is)() const noexcept) {
  known_.push_back(key);
  const auto found = object_.find(std::string(key));
  if (found == object_.end()) return nullptr;
  if (((*found).*is)()) return &*found;
  Fail(key, std::string("must be ") + kind);
  return nullptr;
}

}  // namespace osteon::plugin
