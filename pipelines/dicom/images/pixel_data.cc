// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/pixel_data.h"

#include <dcmtk/config/osconfig.h>
#include <fmt/core.h>
//
#include <dcmtk/dcmdata/dccodec.h>
#include <dcmtk/dcmdata/dcfcache.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "pipelines/dicom/dataset/attributes.h"
#include "pipelines/dicom/dataset/dicom_file.h"
#include "pipelines/dicom/dataset/transfer_syntax.h"
#include "pipelines/dicom/images/encapsulated.h"
#include "pipelines/dicom/images/jpeg2000.h"
#include "pipelines/dicom/images/readable_pixels.h"
#include "pipelines/dicom/images/rescale.h"
#include "pipelines/dicom/images/rle.h"

namespace osteon {
namespace {

// The bits of each word that overlay planes use (retired, PS3.3-2004 C.9.2): planes with the same
// Bits Allocated as the image and without Overlay Data (60xx,3000) of their own.
std::uint32_t OverlayBits(DcmItem& dataset, const PixelFormat& format) {
  std::uint32_t bits = 0;
  for (Uint16 group = 0x6000; group <= 0x601E; group = static_cast<Uint16>(group + 2)) {
    const int allocated = ReadInt(dataset, DcmTagKey(group, 0x0100)).value_or(0);
    const int position = ReadInt(dataset, DcmTagKey(group, 0x0102)).value_or(-1);
    if (allocated != format.bits_allocated || dataset.tagExists(DcmTagKey(group, 0x3000))) continue;
    const bool in_value =
        position <= format.high_bit && position > format.high_bit - format.bits_stored;
    if (position < 0 || position >= format.bits_allocated || in_value) continue;
    bits |= 1U << static_cast<unsigned>(position);
  }
  return bits;
}

Result<PixelFormat> ReadFormat(DcmItem& dataset, const std::string& file, int columns, int rows) {
  PixelFormat format;
  format.columns = ReadInt(dataset, DCM_Columns).value_or(0);
  format.rows = ReadInt(dataset, DCM_Rows).value_or(0);
  if (format.columns != columns || format.rows != rows) {
    return InvalidInput(file + ": Rows or Columns changed while it was read");
  }
  format.frames = ReadInt(dataset, DCM_NumberOfFrames).value_or(1);
  format.bits_allocated = ReadInt(dataset, DCM_BitsAllocated).value_or(0);
  format.bits_stored = ReadInt(dataset, DCM_BitsStored).value_or(format.bits_allocated);
  format.high_bit = ReadInt(dataset, DCM_HighBit).value_or(format.bits_stored - 1);
  format.is_signed = ReadInt(dataset, DCM_PixelRepresentation).value_or(0) == 1;
  // High Bit below Bits Stored - 1: fewer bits are stored than stated.
  format.bits_stored = std::min(format.bits_stored, format.high_bit + 1);
  format.overlay_bits = OverlayBits(dataset, format);
  return format;
}

// The words of a frame of any word size.
template <typename Word>
std::vector<std::uint32_t> WordsOf(const std::vector<Uint8>& bytes, std::size_t count) {
  std::vector<std::uint32_t> words(count);
  for (std::size_t n = 0; n < count; ++n) {
    Word word = 0;
    std::memcpy(&word, bytes.data() + n * sizeof(Word), sizeof(Word));
    words[n] = word;
  }
  return words;
}

// The padding value in the form of the pixels. Its VR may not match Pixel Representation, or may be
// UN after an implicit transfer, but modulo the word size its bits are the same.
std::optional<double> PaddingNumber(DcmItem& dataset, const DcmTagKey& tag,
                                    const PixelFormat& format) {
  const auto number = ReadNumber(dataset, tag);
  if (!number || !(std::abs(*number) < 4294967296.0)) return std::nullopt;
  const auto bits = static_cast<std::uint32_t>(static_cast<std::int64_t>(*number));
  PixelFormat all = format;
  all.overlay_bits = 0;
  return ValueOf(bits, all, WordUse::kWhole);
}

std::optional<PaddingRange> ReadPadding(DcmItem& dataset, const PixelFormat& format) {
  const auto value = PaddingNumber(dataset, DCM_PixelPaddingValue, format);
  if (!value) return std::nullopt;
  const double limit = PaddingNumber(dataset, DCM_PixelPaddingRangeLimit, format).value_or(*value);
  return PaddingRange{std::min(*value, limit), std::max(*value, limit)};
}

// Empty when no pixel is padding.
std::vector<std::uint8_t> MarkPadding(std::span<const std::uint32_t> words,
                                      const PixelFormat& format, const PaddingRange& padding) {
  std::vector<std::uint8_t> marks(words.size(), kNoPadding);
  const auto in = [&](double v) { return v >= padding.low && v <= padding.high; };
  const StoredValues stated_of(format, WordUse::kStated), whole_of(format, WordUse::kWhole);
  bool any = false;
  for (std::size_t n = 0; n < words.size(); ++n) {
    const double stated = stated_of(words[n]), whole = whole_of(words[n]);
    // If higher bits are set, the word may be another value that only looks like padding.
    const bool plain = whole == stated ||
                       std::uint64_t{words[n] & ~format.overlay_bits} >> (format.high_bit + 1) == 0;
    if (plain && in(stated)) {
      marks[n] = kMayBePadding;
    } else if (in(whole)) {
      marks[n] = kSurelyPadding;
    } else {
      continue;
    }
    any = true;
  }
  if (!any) marks.clear();
  return marks;
}

bool IsJpeg2000(E_TransferSyntax syntax) {
  return syntax == EXS_JPEG2000LosslessOnly || syntax == EXS_JPEG2000;
}

}  // namespace

struct PixelFile::State {
  std::string name;
  DcmFileFormat file;
  E_TransferSyntax syntax = EXS_Unknown;
  PixelFormat format;
  std::optional<PaddingRange> padding;
  DcmPixelData* pixels = nullptr;
  DcmFileCache cache;
  // For encapsulated frames: each frame's code stream, and the fragment from which DCMTK reads
  // next.
  std::vector<CodeStream> code_streams;
  Uint32 next_fragment = 0;

  Status Decode(int frame_number, std::vector<Uint8>& bytes);
  Status DecodeRleFrame(int frame_number, std::vector<Uint8>& bytes);
  Result<std::vector<std::uint32_t>> Jpeg2000Words(int frame_number);
  Result<std::vector<std::uint32_t>> Words(int frame_number, std::vector<Uint8>& bytes);
  bool IsUsual() const;
  Result<FrameFacts> ReadUsual(int frame_number, const WordConversion& how, FrameBuffers& buffers,
                               std::span<float> values);
  Result<FrameFacts> ReadAny(int frame_number, const WordConversion& how, FrameBuffers& buffers,
                             std::span<float> values);
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
  for (const std::string& problem :
       {WhyColour(dataset), WhyPixelsNotRead(state->file, /*goes_on=*/true)}) {
    if (!problem.empty()) return Unsupported(state->name + ": " + problem);
  }
  auto format = ReadFormat(dataset, state->name, columns, rows);
  if (!format) return std::move(format).error();
  state->format = *format;
  state->padding = ReadPadding(dataset, *format);
  DcmElement* element = nullptr;
  if (dataset.findAndGetElement(DCM_PixelData, element).bad() || element == nullptr) {
    return InvalidInput(state->name + ": Pixel Data (7FE0,0010) is missing; send the file again");
  }
  state->pixels = dynamic_cast<DcmPixelData*>(element);
  if (state->pixels == nullptr) {
    return InvalidInput(state->name + ": Pixel Data (7FE0,0010) has a wrong value representation");
  }
  state->syntax = dataset.getOriginalXfer();
  if (IsEncapsulated(state->syntax)) {
    auto streams = ReadCodeStreams(*state->pixels, state->syntax, state->format.frames);
    if (!streams) return std::move(streams).error().During(state->name);
    state->code_streams = std::move(*streams);
    return PixelFile(std::move(state));
  }
  const std::size_t expected =
      state->format.BytesPerFrame() * static_cast<std::size_t>(state->format.frames);
  const std::size_t present = element->getLength();
  if (present < expected) {
    return InvalidInput(
        fmt::format("{}: Pixel Data (7FE0,0010) has {} bytes where Rows, Columns, Bits Allocated "
                    "and Number of Frames ask for {}; send the file again",
                    state->name, present, expected));
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
  const std::string what = fmt::format("{}: frame {}", name, frame_number);
  return InvalidInput(what + " cannot be decoded (" + DcmXfer(syntax).getXferName() + ", " +
                      decoded.text() + "): Pixel Data (7FE0,0010) is damaged, send the file again");
}

Status PixelFile::State::DecodeRleFrame(int frame_number, std::vector<Uint8>& bytes) {
  const CodeStream& stream = code_streams[static_cast<std::size_t>(frame_number - 1)];
  auto decoded = DecodeRle(stream.Joined(), format.PixelsPerFrame(), format.bits_allocated / 8);
  if (!decoded) {
    return std::move(decoded).error().During(
        fmt::format("{}: frame {} cannot be decoded", name, frame_number));
  }
  bytes = *std::move(decoded);
  return {};
}

Result<std::vector<std::uint32_t>> PixelFile::State::Jpeg2000Words(int frame_number) {
  const CodeStream& stream = code_streams[static_cast<std::size_t>(frame_number - 1)];
  auto image = DecodeJpeg2000(stream.Joined(), format.columns, format.rows);
  if (!image) {
    return std::move(image).error().During(fmt::format("{}: frame {}", name, frame_number));
  }
  // The code stream may declare signed values as unsigned; the header decides (PS3.5 section
  // 8.2.4).
  return std::vector<std::uint32_t>(image->samples.begin(), image->samples.end());
}

Result<std::vector<std::uint32_t>> PixelFile::State::Words(int frame_number,
                                                           std::vector<Uint8>& bytes) {
  if (IsJpeg2000(syntax)) return Jpeg2000Words(frame_number);
  if (Status decoded = Decode(frame_number, bytes); !decoded) return std::move(decoded).error();
  switch (format.bits_allocated) {
    case 8:
      return WordsOf<std::uint8_t>(bytes, format.PixelsPerFrame());
    case 16:
      return WordsOf<std::uint16_t>(bytes, format.PixelsPerFrame());
    default:
      return WordsOf<std::uint32_t>(bytes, format.PixelsPerFrame());
  }
}

bool PixelFile::State::IsUsual() const {
  return format.bits_allocated == 16 && !padding && !IsJpeg2000(syntax);
}

// Words of 16 bits without padding: each is looked up.
Result<FrameFacts> PixelFile::State::ReadUsual(int frame_number, const WordConversion& how,
                                               FrameBuffers& buffers, std::span<float> values) {
  if (Status decoded = Decode(frame_number, buffers.bytes); !decoded)
    return std::move(decoded).error();
  const float* value_of = buffers.values.For(how).data();
  const Uint8* bytes = buffers.bytes.data();
  std::uint16_t bits = 0;  // That any word has.
  for (std::size_t n = 0; n < values.size(); ++n) {
    std::uint16_t word = 0;
    std::memcpy(&word, bytes + n * sizeof word, sizeof word);
    bits |= word;
    values[n] = value_of[word];
  }
  FrameFacts facts;
  if ((bits & OutsideMask(format)) != 0) {
    facts.outside_bits = CountOutsideBits(
        WordsOf<std::uint16_t>(buffers.bytes, format.PixelsPerFrame()), {}, format);
  }
  return facts;
}

Result<FrameFacts> PixelFile::State::ReadAny(int frame_number, const WordConversion& how,
                                             FrameBuffers& buffers, std::span<float> values) {
  const auto words = Words(frame_number, buffers.bytes);
  if (!words) return words.error();
  FrameFacts facts;
  if (padding) facts.padding = MarkPadding(*words, format, *padding);
  facts.outside_bits = CountOutsideBits(*words, facts.padding, format);
  const StoredValues stored(format, how.use);
  for (std::size_t n = 0; n < values.size(); ++n) values[n] = Convert((*words)[n], stored, how);
  return facts;
}

Result<FrameFacts> PixelFile::ReadFrame(int frame_number, std::span<float> values, const ReadAs& as,
                                        FrameBuffers& buffers) {
  State& s = *state_;
  Check(values.size() == s.format.PixelsPerFrame(), "ReadFrame: values are not one frame");
  if (frame_number < 1 || frame_number > s.format.frames) {
    return InvalidInput(fmt::format("{}: has no frame {}", s.name, frame_number));
  }
  const auto rescale = ReadRescale(
      FrameAttributes(*s.file.getDataset(), static_cast<unsigned long>(frame_number - 1)), as.kind);
  if (!rescale) return Error(rescale.error()).During(s.name);
  const WordConversion how{s.format, as.word_use, rescale->slope, rescale->intercept};
  auto facts = s.IsUsual() ? s.ReadUsual(frame_number, how, buffers, values)
                           : s.ReadAny(frame_number, how, buffers, values);
  if (facts) facts->um2_per_s = rescale->um2_per_s;
  return facts;
}

Result<FrameFacts> PixelFile::ReadFrame(int frame_number, std::span<float> values,
                                        const ReadAs& as) {
  FrameBuffers buffers;
  return ReadFrame(frame_number, values, as, buffers);
}

bool PixelFile::lossy() const {
  // Transfer syntax 1.2.840.10008.1.2.4.91 may also be lossless JPEG 2000: then only the attribute
  // tells.
  const bool by_syntax = state_->syntax != EXS_JPEG2000 && IsAlwaysLossy(state_->syntax);
  return by_syntax || ReadText(*state_->file.getDataset(), DCM_LossyImageCompression) == "01";
}

}  // namespace osteon
