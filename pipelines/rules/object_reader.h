// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the members of one JSON object of a configuration and finds its faults: a value of another
// type or out of range, or an unknown key, with the nearest known one. Keeps the first error until
// Finish(), so that callers need not check each Read.
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon {

using Range = std::array<double, 2>;  // From, to; both included.

class ObjectReader {
 public:
  using Json = nlohmann::json;

  // `object` must outlive the reader. `where` opens each error: "section Osteon".
  ObjectReader(const Json& object, std::string where) : object_(object), where_(std::move(where)) {}

  // Each leaves `to` alone where the key is missing, and where a number is out of its range.
  void Read(std::string_view key, std::string& to);
  void Read(std::string_view key, bool& to);
  void Read(std::string_view key, double& to, Range allowed);
  void ReadWhole(std::string_view key, std::int64_t& to, std::int64_t min, std::int64_t max);
  // [from, to] with `allowed` for both.
  void Read(std::string_view key, Range& to, Range allowed);
  // The list in the file takes the place of the one in `to`.
  void Read(std::string_view key, std::vector<std::string>& to);
  // Null where the key is missing or of another type.
  const Json* Object(std::string_view key) { return Take(key, "an object", &Json::is_object); }
  const Json* Array(std::string_view key) { return Take(key, "a list", &Json::is_array); }
  // Records a fault that the caller found in a value.
  void Fail(std::string_view key, const std::string& what);

  // The first fault, an unknown key included. Call after the last Read.
  Status Finish();

 private:
  const Json* Take(std::string_view key, const char* kind, bool (Json::*is)() const noexcept);

  const Json& object_;
  std::string where_;
  std::vector<std::string_view> known_;
  std::string wrong_;
};

}  // namespace osteon
