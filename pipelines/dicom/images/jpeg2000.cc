// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/jpeg2000.h"

#include <fmt/core.h>
#include <openjpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace osteon {
namespace {

// The bytes that the OpenJPEG stream reads.
struct Source {
  std::span<const std::uint8_t> bytes;
  std::size_t at = 0;
};

OPJ_SIZE_T Read(void* buffer, OPJ_SIZE_T wanted, void* user) {
  auto& source = *static_cast<Source*>(user);
  const std::size_t count = std::min<std::size_t>(wanted, source.bytes.size() - source.at);
  if (count == 0) return static_cast<OPJ_SIZE_T>(-1);
  std::memcpy(buffer, source.bytes.data() + source.at, count);
  source.at += count;
  return count;
}

OPJ_OFF_T Skip(OPJ_OFF_T count, void* user) {
  auto& source = *static_cast<Source*>(user);
  const auto left = static_cast<OPJ_OFF_T>(source.bytes.size() - source.at);
  const OPJ_OFF_T skipped = std::clamp<OPJ_OFF_T>(count, 0, left);
  source.at += static_cast<std::size_t>(skipped);
  return skipped == 0 && count != 0 ? -1 : skipped;
}

OPJ_BOOL Seek(OPJ_OFF_T position, void* user) {
  auto& source = *static_cast<Source*>(user);
  if (position < 0 || static_cast<std::size_t>(position) > source.bytes.size()) return OPJ_FALSE;
  source.at = static_cast<std::size_t>(position);
  return OPJ_TRUE;
}

struct DestroyStream {
  void operator()(opj_stream_t* s) const { opj_stream_destroy(s); }
};
struct DestroyCodec {
  void operator()(opj_codec_t* c) const { opj_destroy_codec(c); }
};
struct DestroyImage {
  void operator()(opj_image_t* i) const { opj_image_destroy(i); }
};

std::unique_ptr<opj_stream_t, DestroyStream> StreamOf(Source& source) {
  std::unique_ptr<opj_stream_t, DestroyStream> stream(opj_stream_default_create(OPJ_TRUE));
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), source.bytes.size());
  opj_stream_set_read_function(stream.get(), Read);
  opj_stream_set_skip_function(stream.get(), Skip);
  opj_stream_set_seek_function(stream.get(), Seek);
  return stream;
}

bool IsRawCodeStream(std::span<const std::uint8_t> bytes) {
  return bytes.size() > 4 && bytes[0] == 0xFF && bytes[1] == 0x4F;
}

}  // namespace

Result<Jpeg2000Image> DecodeJpeg2000(std::span<const std::uint8_t> code_stream, int columns,
                                     int rows) {
  Source source{code_stream};
  const auto stream = StreamOf(source);
  const std::unique_ptr<opj_codec_t, DestroyCodec> codec(
      opj_create_decompress(IsRawCodeStream(code_stream) ? OPJ_CODEC_J2K : OPJ_CODEC_JP2));
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  if (opj_setup_decoder(codec.get(), &parameters) == OPJ_FALSE) {
    return Internal("the JPEG 2000 decoder cannot be set up");
  }
  // A stream that ends early is an error, not a grey area at the bottom of the picture.
  opj_decoder_set_strict_mode(codec.get(), OPJ_TRUE);
  opj_image_t* raw = nullptr;
  const bool header = opj_read_header(stream.get(), codec.get(), &raw) == OPJ_TRUE;
  const std::unique_ptr<opj_image_t, DestroyImage> image(raw);
  if (!header || image == nullptr) return InvalidInput("the JPEG 2000 header is broken");
  const auto width = static_cast<std::int64_t>(image->x1) - image->x0;
  const auto height = static_cast<std::int64_t>(image->y1) - image->y0;
  if (image->numcomps != 1 || width != columns || height != rows) {
    return InvalidInput(
        fmt::format("the JPEG 2000 image is {} x {} with {} components, not {} x {} with one",
                    width, height, image->numcomps, columns, rows));
  }
  if (opj_decode(codec.get(), stream.get(), image.get()) == OPJ_FALSE ||
      image->comps[0].data == nullptr || image->comps[0].w != static_cast<OPJ_UINT32>(columns) ||
      image->comps[0].h != static_cast<OPJ_UINT32>(rows)) {
    return InvalidInput("the JPEG 2000 code stream is truncated or broken");
  }
  Jpeg2000Image result{columns, rows, {}};
  const OPJ_INT32* samples = image->comps[0].data;
  result.samples.assign(samples, samples + width * height);
  return result;
}

}  // namespace osteon
