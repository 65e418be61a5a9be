// SPDX-License-Identifier: GPL-3.0-or-later
// The stored values of one file's frames as numbers, whatever the transfer syntax. Plain values;
// DCMTK stays in the .cc.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/dicom/images/padding.h"
#include "pipelines/dicom/images/stored_bits.h"

namespace osteon {

// What values are.
enum class ValueKind {
  kSignal,  // Arbitrary units, alike in all stations of a contrast.
  kAdc,     // A diffusion coefficient.
};

// How the words of a frame become values.
struct ReadAs {
  ValueKind kind = ValueKind::kSignal;
  WordUse word_use = WordUse::kStated;
};

// What one frame was seen to be, beside its values.
struct FrameFacts {
  std::vector<std::uint8_t> padding;  // PaddingMark of each pixel; empty when none is padding.
  OutsideBits outside_bits;
  std::optional<double> um2_per_s;  // Of one unit of the values, where the file states it.
};

// An open DICOM file whose frames can be read one by one. Holds at most the file's (compressed)
// bytes. Thread-compatible.
class PixelFile {
 public:
  // `columns` and `rows` are what the header said when the geometry was made; a file that now says
  // otherwise is refused. Errors, with file name and field: kInvalidInput for a truncated file or
  // pixel data shorter than the header says; kUnsupported for colour, a transfer syntax or a bit
  // depth that is not handled.
  static Result<PixelFile> Open(const std::filesystem::path& path, int columns, int rows);

  PixelFile(PixelFile&&) noexcept;
  PixelFile& operator=(PixelFile&&) noexcept;
  ~PixelFile();

  // Fills `values` (row after row) with frame `frame_number` (from 1), rescaled (rescale.h). Values
  // that are not finite become 0. REQUIRES: values.size() == columns * rows.
  Result<FrameFacts> ReadFrame(int frame_number, std::span<float> values, const ReadAs& as = {});

  // True when the values went through lossy compression, by transfer syntax or Lossy Image
  // Compression (0028,2110).
  bool lossy() const;

 private:
  struct State;
  explicit PixelFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace osteon
