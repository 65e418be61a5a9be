// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/rle.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

namespace osteon {
namespace {

constexpr std::size_t kHeaderBytes = 64;

std::uint32_t Word(std::span<const std::uint8_t> bytes, std::size_t at) {
  std::uint32_t word = 0;
  for (std::size_t n = 4; n-- > 0;) word = word << 8U | bytes[at + n];
  return word;
}

// One byte of every pixel, `stride` apart. False when the segment ends before the last of them;
// bytes after it (padding) do not matter.
bool UnpackSegment(std::span<const std::uint8_t> segment, std::uint8_t* to, std::size_t pixels,
                   std::size_t stride) {
  std::size_t at = 0, done = 0;
  const auto put = [&](std::uint8_t value) { to[stride * done++] = value; };
  while (done < pixels) {
    if (at >= segment.size()) return false;
    const std::size_t code = segment[at++];
    if (code == 128) continue;  // Reserved; has no effect.
    const bool repeat = code > 128;
    const std::size_t count = std::min(repeat ? 257 - code : code + 1, pixels - done);
    if (at + (repeat ? 1 : count) > segment.size()) return false;
    for (std::size_t n = 0; n < count; ++n) put(segment[repeat ? at : at + n]);
    at += repeat ? 1 : count;
  }
  return true;
}

}  // namespace

Result<std::vector<std::uint8_t>> DecodeRle(std::span<const std::uint8_t> frame, std::size_t pixels,
                                            int bytes_per_pixel) {
  const auto segments = static_cast<std::size_t>(bytes_per_pixel);
  if (frame.size() < kHeaderBytes || Word(frame, 0) != segments) {
    return InvalidInput(fmt::format("the RLE header does not state {} segments", segments));
  }
  std::vector<std::uint8_t> bytes(pixels * segments);
  for (std::size_t s = 0; s < segments; ++s) {
    const std::size_t begin = Word(frame, 4 + 4 * s);
    const std::size_t end = s + 1 < segments ? Word(frame, 8 + 4 * s) : frame.size();
    if (begin < kHeaderBytes || begin > end || end > frame.size()) {
      return InvalidInput(fmt::format("RLE segment {} lies outside the frame", s + 1));
    }
    // The first segment holds the most significant bytes.
    if (!UnpackSegment(frame.subspan(begin, end - begin), bytes.data() + (segments - 1 - s), pixels,
                       segments)) {
      return InvalidInput(fmt::format("RLE segment {} ends before its last pixel", s + 1));
    }
  }
  return bytes;
}

}  // namespace osteon
