// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/stored_bits.h"

#include <cmath>

namespace osteon {
namespace {

std::uint32_t LowBits(int count) {
  return count >= 32 ? 0xFFFFFFFFU : (1U << static_cast<unsigned>(count)) - 1;
}

int LowestBit(const PixelFormat& f) { return f.high_bit + 1 - f.bits_stored; }

// What the bits outside contribute to the value, on the scale of the whole word.
double OutsidePart(std::uint32_t word, const PixelFormat& f) {
  const double scale = 1U << static_cast<unsigned>(LowestBit(f));
  return ValueOf(word, f, WordUse::kWhole) - scale * ValueOf(word, f, WordUse::kStated);
}

void Vote(std::uint32_t a, std::uint32_t b, const PixelFormat& f, OutsideBits& seen) {
  const double whole = ValueOf(a, f, WordUse::kWhole) - ValueOf(b, f, WordUse::kWhole);
  // On the scale of the whole word.
  const double scale = 1U << static_cast<unsigned>(LowestBit(f));
  const double stated = scale * (ValueOf(a, f, WordUse::kStated) - ValueOf(b, f, WordUse::kStated));
  if (std::abs(whole) < std::abs(stated)) ++seen.pairs_smoother_whole;
  if (std::abs(whole) > std::abs(stated)) ++seen.pairs_smoother_stated;
}

}  // namespace

StoredValues::StoredValues(const PixelFormat& f, WordUse use) : is_signed_(f.is_signed) {
  const bool whole = use == WordUse::kWhole;
  lowest_ = whole ? 0 : static_cast<unsigned>(LowestBit(f));
  unused_ = static_cast<unsigned>(32 - (whole ? f.bits_allocated : f.bits_stored));
  mask_ = whole ? LowBits(f.bits_allocated) & ~f.overlay_bits : LowBits(f.bits_stored);
}

double ValueOf(std::uint32_t word, const PixelFormat& f, WordUse use) {
  return StoredValues(f, use)(word);
}

float Convert(std::uint32_t word, const StoredValues& stored, const WordConversion& how) {
  const auto value = static_cast<float>(how.slope * stored(word) + how.intercept);
  return std::isfinite(value) ? value : 0;
}

std::span<const float> ValueTable::For(const WordConversion& how) {
  if (!values_.empty() && how == how_) return values_;
  constexpr std::size_t kWords = 65'536;
  const StoredValues stored(how.format, how.use);
  values_.resize(kWords);
  for (std::size_t word = 0; word < kWords; ++word)
    values_[word] = Convert(static_cast<std::uint32_t>(word), stored, how);
  how_ = how;
  return values_;
}

std::uint32_t OutsideMask(const PixelFormat& f) {
  const std::uint32_t stated = LowBits(f.bits_stored) << static_cast<unsigned>(LowestBit(f));
  return LowBits(f.bits_allocated) & ~stated & ~f.overlay_bits;
}

OutsideBits& OutsideBits::operator+=(const OutsideBits& other) {
  words += other.words;
  pairs_smoother_whole += other.pairs_smoother_whole;
  pairs_smoother_stated += other.pairs_smoother_stated;
  return *this;
}

OutsideBits CountOutsideBits(std::span<const std::uint32_t> words,
                             std::span<const std::uint8_t> ignored, const PixelFormat& f) {
  OutsideBits seen;
  const std::uint32_t outside = OutsideMask(f);
  if (outside == 0) return seen;
  const auto columns = static_cast<std::size_t>(f.columns);
  const auto counts = [&](std::size_t n) { return ignored.empty() || ignored[n] == 0; };
  for (std::size_t n = 0; n < words.size(); ++n) {
    // Signed values usually have copies of the sign bit there, which change nothing.
    if ((words[n] & outside) != 0 && counts(n) && OutsidePart(words[n], f) != 0) ++seen.words;
  }
  for (std::size_t n = 0; seen.words > 0 && n < words.size(); ++n) {
    if (!counts(n)) continue;
    const auto differs = [&](std::size_t m) {
      return OutsidePart(words[n], f) != OutsidePart(words[m], f);
    };
    if (n % columns + 1 < columns && counts(n + 1) && differs(n + 1))
      Vote(words[n], words[n + 1], f, seen);
    if (n + columns < words.size() && counts(n + columns) && differs(n + columns))
      Vote(words[n], words[n + columns], f, seen);
  }
  return seen;
}

WordUse JudgeOutsideBits(const OutsideBits& seen) {
  const std::size_t pairs = seen.pairs_smoother_whole + seen.pairs_smoother_stated;
  const bool whole = seen.words > 0 && pairs > 0 && 10 * seen.pairs_smoother_whole >= pairs;
  return whole ? WordUse::kWhole : WordUse::kStated;
}

}  // namespace osteon
