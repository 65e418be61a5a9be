// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/print.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace osteon::cli {
namespace {

using Json = nlohmann::ordered_json;

// Counts code points: close enough to columns for this text.
std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string Line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line += cells[i];
    if (i + 1 < cells.size()) line.append(widths[i] - Width(cells[i]) + 2, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string Label(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  return Printable(key);
}

std::string ListItem(const Json& item, std::size_t indent) {
  const std::string margin(indent, ' ');
  if (!item.is_object()) return margin + "- " + Cell(item) + "\n";
  // The first line of the object carries the dash.
  std::string text = Facts(item, indent + 2);
  if (text.size() > indent) text[indent] = '-';
  return text;
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string printable(text);
  std::replace_if(
      printable.begin(), printable.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  // C1 controls are two bytes in UTF-8: C2 80 to C2 9F.
  for (std::size_t i = 0; i + 1 < printable.size(); ++i) {
    const auto next = static_cast<unsigned char>(printable[i + 1]);
    if (printable[i] == '\xc2' && next >= 0x80 && next < 0xa0) printable.replace(i, 2, "??");
  }
  return printable;
}

std::string Cell(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return Printable(value.get<std::string>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return Printable(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string Cell(const Json& object, const char* key) {
  return object.is_object() && object.contains(key) ? Cell(object[key]) : std::string();
}

std::string Table(const std::vector<std::string>& header,
                  const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < header.size(); ++i) {
    std::size_t width = Width(header[i]);
    for (const auto& row : rows) width = std::max(width, Width(row[i]));
    widths.push_back(width);
  }
  std::string text = Line(header, widths);
  for (const auto& row : rows) text += Line(row, widths);
  return text;
}

std::string Facts(const Json& object, std::size_t indent) {
  if (!object.is_object()) return std::string(indent, ' ') + Cell(object) + "\n";
  std::string text;
  for (const auto& [key, value] : object.items()) {
    const std::string label = std::string(indent, ' ') + Label(key) + ":";
    if (value.empty() && value.is_structured()) {
      text += label + " none\n";
    } else if (value.is_object()) {
      text += label + "\n" + Facts(value, indent + 2);
    } else if (value.is_array()) {
      text += label + "\n";
      for (const Json& item : value) text += ListItem(item, indent + 2);
    } else if (const std::string cell = Cell(value); !cell.empty()) {
      text.append(label).append(" ").append(cell).append("\n");
    }
  }
  return text;
}

ProgressLine::ProgressLine() : terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressLine::Show(std::string_view what, double fraction) {
  if (!terminal_) return;
  const double percent = 100 * std::clamp(fraction, 0.0, 1.0);
  std::fprintf(stderr, "\r\x1b[K%3.0f %%  %s", percent, Printable(what).c_str());
  std::fflush(stderr);
  shown_ = true;
}

void ProgressLine::Clear() {
  if (!std::exchange(shown_, false)) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

}  // namespace osteon::cli
