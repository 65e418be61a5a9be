// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/pixel_data.h"

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dccodec.h>
#include <dcmtk/dcmdata/dcfcache.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "pipelines/dicom/attributes.h"
#include "pipelines/dicom/dicom_file.h"
#include "pipelines/dicom/encapsulated.h"
#include "pipelines/dicom/jpeg2000.h"
#include "pipelines/dicom/rle.h"

namespace osteon {
namespace {

// How a stored value sits in its bytes (PS3.5 section 8.1).
struct PixelFormat {
  int columns = 0, rows = 0, frames = 1;
  int bits_allocated = 16, bits_stored = 16, high_bit = 15;
  bool is_signed = false;

  std::size_t PixelsPerFrame() const {
    return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
  }
  std::size_t BytesPerFrame() const {
    return PixelsPerFrame() * static_cast<std::size_t>(bits_allocated / 8);
  }
};

struct Rescale {
  double slope = 1, intercept = 0;
};

Result<PixelFormat> ReadFormat(DcmItem& dataset, const std::string& file, int columns, int rows) {
  PixelFormat format;
  format.columns = ReadInt(dataset, DCM_Columns).value_or(0);
  format.rows = ReadInt(dataset, DCM_Rows).value_or(0);
  if (format.columns != columns || format.rows != rows) {
    return InvalidInput(file + ": Rows or Columns changed while it was read");
  }
  format.frames = ReadInt(dataset, DCM_NumberOfFrames).value_or(1);
  if (ReadInt(dataset, DCM_SamplesPerPixel).value_or(1) != 1) {
    return Unsupported(file + ": Samples per Pixel (0028,0002) is not 1: a colour image");
  }
  format.bits_allocated = ReadInt(dataset, DCM_BitsAllocated).value_or(0);
  format.bits_stored = ReadInt(dataset, DCM_BitsStored).value_or(format.bits_allocated);
  format.high_bit = ReadInt(dataset, DCM_HighBit).value_or(format.bits_stored - 1);
  format.is_signed = ReadInt(dataset, DCM_PixelRepresentation).value_or(0) == 1;
  if (format.bits_allocated != 8 && format.bits_allocated != 16 && format.bits_allocated != 32) {
    return Unsupported(file + ": Bits Allocated (0028,0100) is " +
                       std::to_string(format.bits_allocated) + "; 8, 16 and 32 are read");
  }
  if (format.bits_stored < 1 || format.bits_stored > format.bits_allocated ||
      format.high_bit >= format.bits_allocated || format.high_bit < format.bits_stored - 1) {
    return InvalidInput(file + ": Bits Stored (0028,0101) and High Bit (0028,0102) do not fit " +
                        "into Bits Allocated (0028,0100)");
  }
  return format;
}

// What is there and makes no signal is refused: to take it for absent would change the values.
// Up to 1e9: the square of the largest voxel (32 bits) is then still a float.
Result<double> ReadScale(const FrameAttributes& attributes, const DcmTagKey& tag, const char* name,
                         double when_absent) {
  constexpr double kMost = 1e9;
  const auto text = attributes.Text(DCM_PixelValueTransformationSequence, tag);
  if (!text) return when_absent;
  const auto value = attributes.Number(DCM_PixelValueTransformationSequence, tag);
  if (value && std::abs(*value) <= kMost) return *value;  // Not so for NaN.
  return InvalidInput(std::string(name) + " is not a number up to 1e9; send the file again");
}

// Philips stores each series on its own scale. With its private scale slope (2005,xx0E) the value
// is again on the one the scanner measured on: (stored * slope + intercept) / (slope * scale
// slope), Chenevert et al. 2014, PMC3998685. Stations then need no gain of their own.
Result<Rescale> ReadRescale(const FrameAttributes& attributes) {
  const auto slope = ReadScale(attributes, DCM_RescaleSlope, "Rescale Slope (0028,1053)", 1);
  if (!slope) return slope.error();
  const auto intercept =
      ReadScale(attributes, DCM_RescaleIntercept, "Rescale Intercept (0028,1052)", 0);
  if (!intercept) return intercept.error();
  const Rescale rescale{*slope == 0 ? 1 : *slope, *intercept};
  const DcmTagKey no_group(0xFFFF, 0xFFFF);
  if (attributes.Text(no_group, DcmTagKey(0x2005, 0x0010)) != "Philips MR Imaging DD 001") {
    return rescale;
  }
  const auto scale = attributes.Number(no_group, DcmTagKey(0x2005, 0x100E));
  if (!scale || !(*scale >= 1e-9 && *scale <= 1e9)) return rescale;
  return Rescale{1 / *scale, rescale.intercept / (rescale.slope * *scale)};
}

// The stored value: its bits moved down, others (overlays, padding) masked away, the sign spread.
float StoredValue(std::uint32_t bits, const PixelFormat& format) {
  bits >>= static_cast<unsigned>(format.high_bit + 1 - format.bits_stored);
  if (format.bits_stored < 32) bits &= (1U << static_cast<unsigned>(format.bits_stored)) - 1;
  if (!format.is_signed) return static_cast<float>(bits);
  const auto shift = static_cast<unsigned>(32 - format.bits_stored);
  return static_cast<float>(static_cast<std::int32_t>(bits << shift) >> shift);
}

template <typename Word>
void Convert(const std::vector<Uint8>& bytes, const PixelFormat& format, const Rescale& rescale,
             std::span<float> values) {
  for (std::size_t n = 0; n < values.size(); ++n) {
    Word word = 0;
    std::memcpy(&word, bytes.data() + n * sizeof(Word), sizeof(Word));
    values[n] = static_cast<float>(rescale.slope * StoredValue(word, format) + rescale.intercept);
  }
}

bool IsJpeg2000(E_TransferSyntax syntax) {
  return syntax == EXS_JPEG2000LosslessOnly || syntax == EXS_JPEG2000;
}

bool CanDecode(E_TransferSyntax syntax) {
  return !DcmXfer(syntax).isEncapsulated() || IsJpeg2000(syntax) || syntax == EXS_RLELossless ||
         DcmCodecList::canChangeCoding(syntax, EXS_LittleEndianExplicit);
}

}  // namespace

struct PixelFile::State {
  std::string name;
  DcmFileFormat file;
  E_TransferSyntax syntax = EXS_Unknown;
  PixelFormat format;
  DcmPixelData* pixels = nullptr;
  DcmFileCache cache;
  // Of encapsulated frames: each frame's code stream, and the first fragment DCMTK should look at.
  std::vector<CodeStream> code_streams;
  Uint32 next_fragment = 0;

  Status Decode(int frame_number, std::vector<Uint8>& bytes);
  Status DecodeRleFrame(int frame_number, std::vector<Uint8>& bytes);
  Status DecodeJpeg2000Frame(int frame_number, const Rescale& rescale, std::span<float> values);
};

PixelFile::PixelFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
PixelFile::PixelFile(PixelFile&&) noexcept = default;
PixelFile& PixelFile::operator=(PixelFile&&) noexcept = default;
PixelFile::~PixelFile() = default;

Result<PixelFile> PixelFile::Open(const std::filesystem::path& path, int columns, int rows) {
  auto state = std::make_unique<State>();
  state->name = path.filename().string();
  const OFCondition loaded = LoadDicomFile(state->file, path);
  if (loaded.bad()) {
    return InvalidInput(state->name + ": cannot be read to its end (" + loaded.text() +
                        "): truncated or damaged, send the file again");
  }
  DcmDataset& dataset = *state->file.getDataset();
  auto format = ReadFormat(dataset, state->name, columns, rows);
  if (!format) return std::move(format).error();
  state->format = *format;
  DcmElement* element = nullptr;
  if (dataset.findAndGetElement(DCM_PixelData, element).bad() || element == nullptr) {
    return InvalidInput(state->name + ": Pixel Data (7FE0,0010) is missing; send the file again");
  }
  state->pixels = dynamic_cast<DcmPixelData*>(element);
  if (state->pixels == nullptr) {
    return InvalidInput(state->name + ": Pixel Data (7FE0,0010) has a wrong value representation");
  }
  state->syntax = dataset.getOriginalXfer();
  if (!CanDecode(state->syntax)) {
    return Unsupported(state->name + ": transfer syntax " + DcmXfer(state->syntax).getXferName() +
                       " is not handled; transcode the series to JPEG Lossless or uncompressed");
  }
  if (DcmXfer(state->syntax).isEncapsulated()) {
    auto streams = ReadCodeStreams(*state->pixels, state->syntax, state->format.frames);
    if (!streams) return std::move(streams).error().During(state->name);
    state->code_streams = std::move(*streams);
    return PixelFile(std::move(state));
  }
  const std::size_t expected =
      state->format.BytesPerFrame() * static_cast<std::size_t>(state->format.frames);
  const std::size_t present = element->getLength();
  if (present < expected) {
    return InvalidInput(state->name + ": Pixel Data (7FE0,0010) has " + std::to_string(present) +
                        " bytes where Rows, Columns, Bits Allocated and Number of Frames ask for " +
                        std::to_string(expected) + "; send the file again");
  }
  return PixelFile(std::move(state));
}

Status PixelFile::State::Decode(int frame_number, std::vector<Uint8>& bytes) {
  if (syntax == EXS_RLELossless) return DecodeRleFrame(frame_number, bytes);
  bytes.resize(format.BytesPerFrame() + format.BytesPerFrame() % 2);
  const auto frame = static_cast<Uint32>(frame_number - 1);
  Uint32 fragment = 0;
  if (!code_streams.empty()) fragment = code_streams[frame].first_fragment;
  OFString color_model;
  const OFCondition decoded =
      pixels->getUncompressedFrame(file.getDataset(), frame, fragment, bytes.data(),
                                   static_cast<Uint32>(bytes.size()), color_model, &cache);
  if (decoded.good()) return {};
  const std::string what = name + ": frame " + std::to_string(frame_number);
  return InvalidInput(what + " cannot be decoded (" + DcmXfer(syntax).getXferName() + ", " +
                      decoded.text() + "): Pixel Data (7FE0,0010) is damaged, send the file again");
}

Status PixelFile::State::DecodeRleFrame(int frame_number, std::vector<Uint8>& bytes) {
  const CodeStream& stream = code_streams[static_cast<std::size_t>(frame_number - 1)];
  auto decoded = DecodeRle(stream.Joined(), format.PixelsPerFrame(), format.bits_allocated / 8);
  if (!decoded) {
    return std::move(decoded).error().During(name + ": frame " + std::to_string(frame_number) +
                                             " cannot be decoded");
  }
  bytes = *std::move(decoded);
  return {};
}

Status PixelFile::State::DecodeJpeg2000Frame(int frame_number, const Rescale& rescale,
                                             std::span<float> values) {
  const CodeStream& stream = code_streams[static_cast<std::size_t>(frame_number - 1)];
  auto image = DecodeJpeg2000(stream.Joined(), format.columns, format.rows);
  if (!image) {
    return std::move(image).error().During(name + ": frame " + std::to_string(frame_number));
  }
  for (std::size_t n = 0; n < values.size(); ++n) {
    // The code stream may call signed values unsigned; the header decides (PS3.5 section 8.2.4).
    const float stored = StoredValue(static_cast<std::uint32_t>(image->samples[n]), format);
    values[n] = static_cast<float>(rescale.slope * stored + rescale.intercept);
  }
  return {};
}

Status PixelFile::ReadFrame(int frame_number, std::span<float> values) {
  State& s = *state_;
  Check(values.size() == s.format.PixelsPerFrame(), "ReadFrame: values are not one frame");
  if (frame_number < 1 || frame_number > s.format.frames) {
    return InvalidInput(s.name + ": has no frame " + std::to_string(frame_number));
  }
  const auto rescale = ReadRescale(
      FrameAttributes(*s.file.getDataset(), static_cast<unsigned long>(frame_number - 1)));
  if (!rescale) return Error(rescale.error()).During(s.name);
  if (IsJpeg2000(s.syntax)) return s.DecodeJpeg2000Frame(frame_number, *rescale, values);
  std::vector<Uint8> bytes;
  if (Status decoded = s.Decode(frame_number, bytes); !decoded) return decoded;
  switch (s.format.bits_allocated) {
    case 8:
      Convert<std::uint8_t>(bytes, s.format, *rescale, values);
      break;
    case 16:
      Convert<std::uint16_t>(bytes, s.format, *rescale, values);
      break;
    default:
      Convert<std::uint32_t>(bytes, s.format, *rescale, values);
      break;
  }
  return {};
}

bool PixelFile::lossy() const {
  // Transfer syntax 1.2.840.10008.1.2.4.91 holds lossless JPEG 2000 as well: there the attribute
  // tells.
  const bool by_syntax = state_->syntax != EXS_JPEG2000 && DcmXfer(state_->syntax).isLossy();
  return by_syntax || ReadText(*state_->file.getDataset(), DCM_LossyImageCompression) == "01";
}

}  // namespace osteon
