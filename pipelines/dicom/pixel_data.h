// SPDX-License-Identifier: GPL-3.0-or-later
// The stored values of one file's frames as numbers, whatever the transfer syntax. Plain values;
// DCMTK stays in the .cc.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "pipelines/base/result.h"

namespace osteon {

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

  // Fills `values` (row after row) with frame `frame_number` (from 1), rescaled: stored value *
  // slope + intercept of that frame; for Philips the value on the common scale of the study, see
  // README.md. REQUIRES: values.size() == columns * rows.
  Status ReadFrame(int frame_number, std::span<float> values);

  // True when the values went through lossy compression, by transfer syntax or Lossy Image
  // Compression (0028,2110).
  bool lossy() const;

 private:
  struct State;
  explicit PixelFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace osteon
