// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/objects/value_text.h"

#include <algorithm>

#include "pipelines/dicom/dataset/decode_text.h"

namespace osteon {

std::string Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\f");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n\f") - first + 1));
}

std::vector<std::string> Split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == at)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

std::string Joined(const std::vector<std::string>& parts, char with) {
  std::string text;
  for (std::size_t n = 0; n < parts.size(); ++n) {
    if (n > 0) text += with;
    text += parts[n];
  }
  return text;
}

std::string FirstCharacters(const std::string& utf8, std::size_t most) {
  if (CharacterCount(utf8) <= most) return utf8;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < utf8.size(); ++end) {
    const bool starts = (static_cast<unsigned char>(utf8[end]) & 0xC0) != 0x80;
    if (starts && seen++ == most) break;
  }
  return Trimmed(utf8.substr(0, end));
}

std::string FitName(const std::string& name, std::size_t most) {
  std::vector<std::string> groups = Split(name, '=');
  groups.resize(std::min<std::size_t>(groups.size(), 3));
  for (std::string& group : groups) {
    std::vector<std::string> components = Split(group, '^');
    for (; components.size() > 5; components.pop_back())
      components[components.size() - 2] += " " + components.back();
    group = FirstCharacters(Joined(components, '^'), most);
  }
  return Joined(groups, '=');
}

std::string Upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

std::string WithoutAny(std::string text, std::string_view characters) {
  std::erase_if(text, [&](char c) { return characters.find(c) != std::string_view::npos; });
  return text;
}

}  // namespace osteon
