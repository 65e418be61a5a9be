// SPDX-License-Identifier: GPL-3.0-or-later
// Text for people: tables, lists of facts, and a progress line. All text from a server or a study
// goes through Printable first, so that no file can send escape sequences to a terminal.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace osteon::cli {

// Control characters become '?'; UTF-8 stays.
std::string Printable(std::string_view text);

// A JSON value as a table cell: strings without quotes, null as "", true and false as yes and no.
std::string Cell(const nlohmann::ordered_json& value);
// The member as a cell; "" when it is missing.
std::string Cell(const nlohmann::ordered_json& object, const char* key);

// Columns as wide as their widest cell, header first, two spaces between; the last column is not
// padded.
std::string Table(const std::vector<std::string>& header,
                  const std::vector<std::vector<std::string>>& rows);

// One "key: value" per line; nested objects are indented, arrays are lists. Underscores in keys
// become spaces.
std::string Facts(const nlohmann::ordered_json& object, std::size_t indent = 0);

// One line on standard error that is overwritten each time. Prints nothing when that is no
// terminal.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine() { Clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Show(std::string_view what, double fraction);
  void Clear();

 private:
  bool terminal_;
  bool shown_ = false;
};

}  // namespace osteon::cli
