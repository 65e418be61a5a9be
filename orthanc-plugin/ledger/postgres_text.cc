// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/postgres_text.h"

#include <algorithm>

namespace osteon::plugin {
namespace {

// Bytes of the UTF-8 character there; 0 when it is none, or NUL. RFC 3629, section 4.
std::size_t CharacterBytes(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return lead == 0 ? 0 : 1;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  unsigned code = lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
    code = code << 6 | (byte(i) & 0x3FU);
  }
  constexpr unsigned kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  return lead < 0xC0 || lead > 0xF4 || code < kLeast[size] || code > 0x10FFFF || surrogate ? 0
                                                                                           : size;
}

}  // namespace

std::string Numbered(std::string_view sql) {
  std::string numbered;
  int next = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] != '?') {
      numbered += sql[i];
      continue;
    }
    numbered += '$';
    const bool has_number = i + 1 < sql.size() && sql[i + 1] >= '0' && sql[i + 1] <= '9';
    if (!has_number) numbered += std::to_string(++next);
  }
  return numbered;
}

std::optional<std::string> Written(const Cell& cell) {
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return std::to_string(*number);
  const auto* text = std::get_if<std::string>(&cell);
  if (!text) return std::nullopt;
  std::string clean;
  for (std::string_view left = *text; !left.empty();) {
    const std::size_t size = CharacterBytes(left);
    clean += size == 0 ? "?" : left.substr(0, size);
    left.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return clean;
}

}  // namespace osteon::plugin
