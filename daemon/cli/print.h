// SPDX-License-Identifier: GPL-3.0-or-later
// Text for people: tables, facts, and a line of progress. Everything that came from a server or a
// study goes through Printable first, so that no file can send escape sequences to a terminal.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace osteon::cli {

// Control characters become '?'; UTF-8 stays.
std::string Printable(std::string_view text);

// A JSON value as one cell: strings without quotes, null as "", numbers short.
std::string Cell(const nlohmann::ordered_json& value);
// The member as a cell; "" when it is missing.
std::string Cell(const nlohmann::ordered_json& object, const char* key);

// Columns as wide as their widest cell, header first, two spaces between; the last column is not
// padded.
std::string Table(const std::vector<std::string>& header,
                  const std::vector<std::vector<std::string>>& rows);

// "key: value", one a line, nested objects indented, arrays as lists. Underscores in keys become
// spaces.
std::string Facts(const nlohmann::ordered_json& object, std::size_t indent = 0);

// One line on standard error that is written over, and only when that is a terminal.
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
