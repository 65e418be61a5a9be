// SPDX-License-Identifier: GPL-3.0-or-later
// Format of a corpus file with the frames of one message: for each frame its length (32-bit,
// little-endian) and its bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace osteon {

// A length beyond the end means "to the end", so that no mutation is wasted.
inline std::vector<std::string_view> SplitFrames(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> frames;
  while (rest.size() >= 4 && frames.size() < 8) {
    std::size_t length = 0;
    for (int byte = 3; byte >= 0; --byte) {
      length = length << 8U | static_cast<std::uint8_t>(rest[static_cast<std::size_t>(byte)]);
    }
    rest.remove_prefix(4);
    length = std::min(length, rest.size());
    frames.push_back(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return frames;
}

inline std::string JoinFrames(const std::vector<std::string>& frames) {
  std::string out;
  for (const std::string& frame : frames) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      out += static_cast<char>(frame.size() >> shift & 0xFFU);
    }
    out += frame;
  }
  return out;
}

}  // namespace osteon
