// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the frames of one file as rescaled numbers, in any transfer syntax that is decoded. Shows
// no DCMTK.
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

// What the values measure.
enum class ValueKind {
  kSignal,  // Arbitrary units, the same in all stations of a contrast.
  kAdc,     // A diffusion coefficient.
};

// How the stored words of a frame are converted to values.
struct ReadAs {
  ValueKind kind = ValueKind::kSignal;
  WordUse word_use = WordUse::kStated;
};

// What a reader of many frames keeps from one to the next. Thread-compatible.
struct FrameBuffers {
  std::vector<std::uint8_t> bytes;
  ValueTable values;
};

// What ReadFrame found in a frame, besides its values.
struct FrameFacts {
  std::vector<std::uint8_t> padding;  // PaddingMark of each pixel; empty when none is padding.
  OutsideBits outside_bits;
  std::optional<double>
      um2_per_s;  // How many um2/s one unit of the values is, where the file states it.
};

// An open DICOM file whose frames can be read one by one. Memory: at most the file's (compressed)
// bytes. Thread-compatible.
class PixelFile {
 public:
  // `columns` and `rows` are those of the geometry that was read before; a file that has changed
  // since is refused. Errors, with file name and field: kInvalidInput for a truncated file or pixel
  // data shorter than the header says; kUnsupported for colour, and for a transfer syntax or bit
  // depth that cannot be read.
  static Result<PixelFile> Open(const std::filesystem::path& path, int columns, int rows);

  PixelFile(PixelFile&&) noexcept;
  PixelFile& operator=(PixelFile&&) noexcept;
  ~PixelFile();

  // Fills `values` (row after row) with frame `frame_number` (from 1), rescaled (rescale.h). Values
  // that are not finite become 0. REQUIRES: values.size() == columns * rows.
  Result<FrameFacts> ReadFrame(int frame_number, std::span<float> values, const ReadAs& as,
                               FrameBuffers& buffers);
  Result<FrameFacts> ReadFrame(int frame_number, std::span<float> values, const ReadAs& as = {});

  // True when the values were compressed lossily, by transfer syntax or Lossy Image Compression
  // (0028,2110).
  bool lossy() const;

 private:
  struct State;
  explicit PixelFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace osteon
