// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/rules/object_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>

#include "pipelines/base/nearest.h"

namespace osteon {
void ObjectReader::Read(std::string_view key, std::string& to) {
  if (const Json* value = Take(key, "text", &Json::is_string)) to = value->get<std::string>();
}

void ObjectReader::Read(std::string_view key, bool& to) {
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
    return Fail(key, fmt::format("is {} and must be between {} and {}", value->dump(), min, max));
  to = whole;
}

void ObjectReader::Read(std::string_view key, Range& to, Range allowed) {
  const Json* value = Take(key, "[from, to]", &Json::is_array);
  if (!value) return;
  if (value->size() != 2 || !value->front().is_number() || !value->back().is_number() ||
      !(value->front().get<double>() <= value->back().get<double>()))
    return Fail(key, "must be [from, to]");
  const Range range{value->front().get<double>(), value->back().get<double>()};
  if (!(range[0] >= allowed[0] && range[1] <= allowed[1]))
    return Fail(key, "is " + value->dump() + " and must lie between " + Json(allowed[0]).dump() +
                         " and " + Json(allowed[1]).dump());
  to = range;
}

void ObjectReader::Read(std::string_view key, std::vector<std::string>& to) {
  const Json* value = Take(key, "a list of texts", &Json::is_array);
  if (!value) return;
  std::vector<std::string> texts;
  for (const Json& item : *value) {
    if (!item.is_string()) return Fail(key, "must be a list of texts");
    texts.push_back(item.get<std::string>());
  }
  to = std::move(texts);
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

}  // namespace osteon
