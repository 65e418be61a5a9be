// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 (FIPS 180-4). Kept here, though libraries have it, because base may depend on nothing but the standard
// library and both the plugin and the pipeline need the same digest for fingerprints and derived UIDs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace osteon {

using Sha256Digest = std::array<std::uint8_t, 32>;

// Feed any number of pieces, then take the digest once. Thread-compatible.
class Sha256 {
 public:
  void Update(std::string_view bytes);
  Sha256Digest Finish();

 private:
  void Compress(const std::uint8_t* block);

  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> block_ = {};
  std::uint64_t length_bytes_ = 0;
};

Sha256Digest Sha256Of(std::string_view bytes);
// 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);
std::string ToHex(const Sha256Digest& digest);

}  // namespace osteon
