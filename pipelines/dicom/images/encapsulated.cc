// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/encapsulated.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace osteon {
namespace {

using Bytes = std::span<const std::uint8_t>;

// Whether a fragment begins an image: the start marker of JPEG and JPEG-LS, of JPEG 2000, or a JP2
// box.
bool StartsImage(Bytes fragment) {
  constexpr std::array<std::uint8_t, 2> kJpeg{0xFF, 0xD8};
  constexpr std::array<std::uint8_t, 4> kJpeg2000{0xFF, 0x4F, 0xFF, 0x51};
  constexpr std::array<std::uint8_t, 8> kJp2{0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20};
  const auto begins = [&](const auto& marker) {
    return fragment.size() >= marker.size() &&
           std::equal(marker.begin(), marker.end(), fragment.begin());
  };
  return begins(kJpeg) || begins(kJpeg2000) || begins(kJp2);
}

}  // namespace

std::vector<std::uint8_t> CodeStream::Joined() const {
  std::vector<std::uint8_t> joined;
  for (const Bytes fragment : fragments) {
    joined.insert(joined.end(), fragment.begin(), fragment.end());
  }
  return joined;
}

Result<std::vector<CodeStream>> ReadCodeStreams(DcmPixelData& pixels, E_TransferSyntax syntax,
                                                int frames) {
  DcmPixelSequence* sequence = nullptr;
  const OFCondition found = pixels.getEncapsulatedRepresentation(syntax, nullptr, sequence);
  if (found.bad() || sequence == nullptr || sequence->card() < 2) {
    return InvalidInput("Pixel Data (7FE0,0010) has no compressed image; send the file again");
  }
  const auto fragment_count = sequence->card() - 1;
  // The offset table is often empty; the start marker of an image is a safer sign of a new frame.
  // RLE has no such marker, but always one fragment per frame.
  const bool one_each = fragment_count == static_cast<unsigned long>(frames);
  std::vector<CodeStream> streams;
  for (unsigned long n = 1; n <= fragment_count; ++n) {
    DcmPixelItem* item = nullptr;
    Uint8* data = nullptr;
    if (sequence->getItem(item, n).bad() || item->getUint8Array(data).bad() || data == nullptr) {
      return InvalidInput(fmt::format(
          "Pixel Data (7FE0,0010): fragment {} is empty or cannot be read; send the file again",
          n));
    }
    const Bytes bytes(data, item->getLength());
    if (one_each || streams.empty() || (frames > 1 && StartsImage(bytes))) {
      streams.push_back({static_cast<Uint32>(n), {}});
    }
    streams.back().fragments.push_back(bytes);
  }
  if (streams.size() < static_cast<std::size_t>(frames)) {
    return InvalidInput(
        fmt::format("Pixel Data (7FE0,0010) has {} compressed frames where Number of Frames "
                    "(0028,0008) asks for {}; send the file again",
                    streams.size(), frames));
  }
  return streams;
}

}  // namespace osteon
