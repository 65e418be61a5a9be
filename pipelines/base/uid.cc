// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/uid.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "pipelines/base/digest.h"

namespace osteon {
namespace {

// The 16 bytes as one unsigned decimal number, by repeated division by ten.
std::string Decimal(std::array<std::uint8_t, 16> number) {
  std::string digits;
  while (std::any_of(number.begin(), number.end(), [](std::uint8_t b) { return b != 0; })) {
    unsigned remainder = 0;
    for (std::uint8_t& byte : number) {
      const unsigned value = remainder * 256 + byte;
      byte = static_cast<std::uint8_t>(value / 10);
      remainder = value % 10;
    }
    digits.push_back(static_cast<char>('0' + remainder));
  }
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace

std::string DeriveUid(std::string_view seed, std::string_view role) {
  Digest hash(DigestKind::kSha256);
  hash.Update(seed);
  hash.Update(std::string_view("\0", 1));
  hash.Update(role);
  const std::string digest = hash.FinishBytes();
  std::array<std::uint8_t, 16> uuid;
  std::transform(digest.begin(), digest.begin() + 16, uuid.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x50);
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
  return "2.25." + Decimal(uuid);
}

bool IsUid(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t dot = std::min(text.find('.', start), text.size());
    const std::string_view component = text.substr(start, dot - start);
    const bool digits = std::all_of(component.begin(), component.end(),
                                    [](char c) { return c >= '0' && c <= '9'; });
    if (component.empty() || !digits || (component.size() > 1 && component[0] == '0')) return false;
    start = dot + 1;
  }
  return true;
}

}  // namespace osteon
