// SPDX-License-Identifier: GPL-3.0-or-later
// Converts the words of Pixel Data to stored values (PS3.5 section 8.1), also where values use more
// bits than the header states. Pure: no DCMTK, no files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace osteon {

// The position of a stored value in its word.
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
  bool operator==(const PixelFormat&) const = default;
};

// Which bits of a word hold the value.
enum class WordUse {
  kStated,  // Bits Stored below High Bit, as the header says and the standard wants.
  kWhole,   // All of Bits Allocated, except overlay planes.
};

// The stored values of words, sign-extended. What depends on the format alone is computed once,
// since this is the inner loop of reading.
class StoredValues {
 public:
  StoredValues(const PixelFormat& format, WordUse use);

  double operator()(std::uint32_t word) const {
    const std::uint32_t bits = word >> lowest_ & mask_;
    return is_signed_ ? static_cast<double>(static_cast<std::int32_t>(bits << unused_) >> unused_)
                      : static_cast<double>(bits);
  }

 private:
  unsigned lowest_ = 0, unused_ = 0;  // First bit of the value; bits of 32 above it.
  std::uint32_t mask_ = 0;
  bool is_signed_ = false;
};

double ValueOf(std::uint32_t word, const PixelFormat& format, WordUse use);

// How words of 16 bits become values: those of a format, then slope and intercept.
struct WordConversion {
  PixelFormat format;
  WordUse use = WordUse::kStated;
  double slope = 1, intercept = 0;
  bool operator==(const WordConversion&) const = default;
};

// slope * stored value + intercept; 0 where that is not finite.
float Convert(std::uint32_t word, const StoredValues& stored, const WordConversion& how);

// The values of all words of 16 bits. There are far fewer of them than pixels in a series, whose
// frames are nearly all converted alike: so the last table is kept. Thread-compatible.
class ValueTable {
 public:
  // By word, 65,536 of them, valid until the next call. REQUIRES: how.format.bits_allocated is 16.
  std::span<const float> For(const WordConversion& how);

 private:
  WordConversion how_;
  std::vector<float> values_;
};

// Statistics of one frame about the bits outside of the stated ones. Neighbouring pixels are
// similar, so pairs in which these bits differ tell what they are: they belong to the value when
// the difference is smaller with the whole word, and do not when it is smaller with the stated
// bits.
struct OutsideBits {
  std::size_t words = 0;  // Words in which such bits change the value.
  std::size_t pairs_smoother_whole = 0, pairs_smoother_stated = 0;

  OutsideBits& operator+=(const OutsideBits& other);
};

// The bits of a word that are neither value nor overlay.
std::uint32_t OutsideMask(const PixelFormat& format);

// `ignored` marks pixels to leave out (padding), or is empty.
OutsideBits CountOutsideBits(std::span<const std::uint32_t> words,
                             std::span<const std::uint8_t> ignored, const PixelFormat& format);

// kWhole when at least one pair in ten is smoother with the whole word. With an overlay or other
// marks it is less than one in a hundred (only at edges of half the stated range), with values that
// exceed the stated bits it is a third or more. One in ten is chosen between the two.
WordUse JudgeOutsideBits(const OutsideBits& seen);

}  // namespace osteon
