// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/seg/seg_pixels.h"

#include <fmt/core.h>

#include <string>

#include "pipelines/dicom/dataset/transfer_syntax.h"

namespace osteon {
namespace {

// The runs of the pixels for which `is_set(index)` holds, index = row * columns + column.
template <typename IsSet>
std::vector<PixelRun> RunsOf(const SegPixelFormat& format, const IsSet& is_set) {
  std::vector<PixelRun> runs;
  std::size_t index = 0;
  for (int row = 0; row < format.rows; ++row) {
    int first = -1;
    for (int column = 0; column < format.columns; ++column, ++index) {
      const bool set = is_set(index);
      if (set && first < 0) first = column;
      if (!set && first >= 0) {
        runs.push_back({row, first, column});
        first = -1;
      }
    }
    if (first >= 0) runs.push_back({row, first, format.columns});
  }
  return runs;
}

std::size_t PixelsPerFrame(const SegPixelFormat& format) {
  return static_cast<std::size_t>(format.rows) * static_cast<std::size_t>(format.columns);
}

// Bit-packed pixel data is OB or, in Implicit VR, OW. DCMTK keeps words in the byte order of this
// machine; on a little-endian one their bytes are in the order of the bits.
Result<std::span<const Uint8>> PackedBytes(DcmElement& element, const std::string& name) {
  Uint8* bytes = nullptr;
  if (element.getUint8Array(bytes).good() && bytes != nullptr) {
    return std::span<const Uint8>(bytes, element.getLength());
  }
  Uint16* words = nullptr;
  if (element.getUint16Array(words).good() && words != nullptr) {
    return std::span<const Uint8>(reinterpret_cast<const Uint8*>(words), element.getLength());
  }
  return InvalidInput(name + ": Pixel Data (7FE0,0010) cannot be read");
}

}  // namespace

Result<SegPixels> SegPixels::Open(DcmDataset& dataset, const std::filesystem::path& path,
                                  const SegPixelFormat& format) {
  const std::string name = path.filename().string();
  SegPixels pixels(format);
  if (format.bits_allocated != 1) {
    auto file = PixelFile::Open(path, format.columns, format.rows);
    if (!file) return std::move(file).error();
    pixels.file_ = std::move(*file);
    return pixels;
  }
  if (IsEncapsulated(dataset.getOriginalXfer())) {
    return Unsupported(name + ": Bits Allocated (0028,0100) is 1 in transfer syntax " +
                       DcmXfer(dataset.getOriginalXfer()).getXferName() +
                       "; transcode the segmentation to an uncompressed one");
  }
  DcmElement* element = nullptr;
  if (dataset.findAndGetElement(DCM_PixelData, element).bad() || element == nullptr) {
    return InvalidInput(name + ": Pixel Data (7FE0,0010) is missing; send the file again");
  }
  const std::size_t expected =
      (PixelsPerFrame(format) * static_cast<std::size_t>(format.frames) + 7) / 8;
  if (element->getLength() < expected) {
    return InvalidInput(
        fmt::format("{}: Pixel Data (7FE0,0010) has {} bytes where Rows, Columns and Number of "
                    "Frames ask for {}; send the file again",
                    name, element->getLength(), expected));
  }
  auto bytes = PackedBytes(*element, name);
  if (!bytes) return std::move(bytes).error();
  pixels.bits_ = *bytes;
  return pixels;
}

Result<std::vector<PixelRun>> SegPixels::ReadFrame(int frame) {
  if (file_) {
    std::vector<float> values(PixelsPerFrame(format_));
    if (auto read = file_->ReadFrame(frame + 1, values); !read) return std::move(read).error();
    return RunsOf(format_, [&](std::size_t n) { return values[n] >= format_.threshold; });
  }
  const std::size_t first = PixelsPerFrame(format_) * static_cast<std::size_t>(frame);
  return RunsOf(format_, [&](std::size_t n) {
    return ((bits_[(first + n) / 8] >> ((first + n) % 8)) & 1U) != 0;
  });
}

}  // namespace osteon
