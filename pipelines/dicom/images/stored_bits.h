// SPDX-License-Identifier: GPL-3.0-or-later
// From the words of Pixel Data to stored values (PS3.5 section 8.1), also where a file puts values
// into bits that its header does not give them. Pure: no DCMTK, no files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace osteon {

// How a stored value sits in its word.
struct PixelFormat {
  int columns = 0, rows = 0, frames = 1;
  int bits_allocated = 16, bits_stored = 16, high_bit = 15;
  bool is_signed = false;
  // Bits of the word that hold overlay planes (60xx,0102), never values.
  std::uint32_t overlay_bits = 0;

  std::size_t PixelsPerFrame() const {
    return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
  }
  std::size_t BytesPerFrame() const {
    return PixelsPerFrame() * static_cast<std::size_t>(bits_allocated / 8);
  }
};

// Which bits of a word are the value.
enum class WordUse {
  kStated,  // Bits Stored below High Bit, as the header says and the standard wants.
  kWhole,   // All of Bits Allocated but overlay planes.
};

// The stored value, its sign spread.
double ValueOf(std::uint32_t word, const PixelFormat& format, WordUse use);

// What bits outside of the stated ones hold, as counted in one frame. Neighbours in a picture are
// alike, so pairs to which those bits add differently tell: where the whole word is the smoother
// reading of the two the bits belong to the value, where the stated bits are they are something
// else.
struct OutsideBits {
  std::size_t words = 0;  // With any such bit set that changes the value.
  std::size_t pairs_smoother_whole = 0, pairs_smoother_stated = 0;

  OutsideBits& operator+=(const OutsideBits& other);
};

// `ignored` marks pixels that are no values (padding), or is empty.
OutsideBits CountOutsideBits(std::span<const std::uint32_t> words,
                             std::span<const std::uint8_t> ignored, const PixelFormat& format);

// kWhole from one pair in ten on: an overlay or other marks speak for it in less than one in a
// hundred (only where the image itself has an edge of half the stated range there), an image whose
// values run over in a third and more. Chosen between the two.
WordUse JudgeOutsideBits(const OutsideBits& seen);

}  // namespace osteon
