// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/padding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pipelines/dicom/images/read_and_load.h"

namespace osteon {
namespace {

using ::testing::IsEmpty;
using testing::PutWords;
using testing::Read;
using testing::ReadAndLoad;
using testing::Small;
using testing::TempFolder;
using testing::WriteSeries;

// A slice of 20 x 20: a body of 200 to 291 in the middle, `outside` around it, `inside` in one
// pixel of the body.
std::vector<Uint16> BodyWith(Uint16 outside, Uint16 inside) {
  std::vector<Uint16> words(400, outside);
  for (std::size_t j = 5; j < 15; ++j) {
    for (std::size_t i = 5; i < 15; ++i)
      words[j * 20 + i] = static_cast<Uint16>(200 + (i - 5) + 9 * (j - 5));
  }
  words[10 * 20 + 10] = inside;
  return words;
}

struct PaddingCase {
  const char* what;
  Uint16 outside, inside;  // Words.
  int bits_stored;
  bool is_signed;
  std::function<void(DcmDataset&)> state;  // Writes the padding attributes.
  bool outside_is_padding, inside_is_padding;
};

TEST(Padding, IsNotImaged) {
  const auto put = [](Uint16 element, DcmEVR vr, int value) {
    return [=](DcmDataset& d) {
      const DcmTag tag(0x0028, element, vr);
      if (vr == EVR_SS) d.putAndInsertSint16(tag, static_cast<Sint16>(value));
      if (vr == EVR_US) d.putAndInsertUint16(tag, static_cast<Uint16>(value));
      if (vr == EVR_DS) d.putAndInsertString(tag, std::to_string(value).c_str());
      const auto word = static_cast<Uint16>(value);
      const Uint8 bytes[] = {static_cast<Uint8>(word & 0xFF), static_cast<Uint8>(word >> 8)};
      if (vr == EVR_UN) {
        auto* made = new DcmOtherByteOtherWord(tag);
        made->putUint8Array(bytes, 2);
        d.insert(made, true);
      }
    };
  };
  const auto both = [&](int value, int limit) {
    return [=](DcmDataset& d) {
      put(0x0120, EVR_SS, value)(d);
      put(0x0121, EVR_SS, limit)(d);
    };
  };
  const PaddingCase cases[] = {
      {"none stated", 0, 0, 12, false, [](DcmDataset&) {}, false, false},
      {"lowest signed", 0x8000, 0x8000, 16, true, put(0x0120, EVR_SS, -32768), true, true},
      {"lowest signed, its VR unsigned", 0x8000, 250, 16, true, put(0x0120, EVR_US, 0x8000), true,
       false},
      {"lowest signed, its VR unknown", 0x8000, 250, 16, true, put(0x0120, EVR_UN, 0x8000), true,
       false},
      {"lowest signed, its VR text", 0x8000, 250, 16, true, put(0x0120, EVR_DS, -32768), true,
       false},
      {"highest unsigned", 0xFFFF, 0xFFFF, 16, false, put(0x0120, EVR_US, 0xFFFF), true, true},
      {"highest unsigned, its VR signed", 0xFFFF, 250, 16, false, put(0x0120, EVR_SS, -1), true,
       false},
      {"highest of twelve bits", 4095, 4095, 12, false, put(0x0120, EVR_US, 4095), true, true},
      {"outside of the twelve bits", 0x8000, 0x8000, 12, true, put(0x0120, EVR_SS, -32768), true,
       true},
      {"outside of twelve unsigned bits", 0xFFFF, 250, 12, false, put(0x0120, EVR_US, 0xFFFF), true,
       false},
      {"twelve signed bits, sign not spread", 0x0830, 250, 12, true, put(0x0120, EVR_SS, -2000),
       true, false},
      {"0 in a magnitude image that has real zeros", 0, 0, 12, false, put(0x0120, EVR_US, 0), true,
       false},
      {"below zero", 0xFFFF, 0xFFFF, 16, true, put(0x0120, EVR_SS, -1), true, true},
      {"a range, upwards", 0x8001, 0x8001, 16, true, both(-32768, -32000), true, true},
      {"a range, downwards", 0x8001, 0x8001, 16, true, both(-32000, -32768), true, true},
      {"stated, but no pixel has it", 3, 250, 12, false, put(0x0120, EVR_US, 4095), false, false},
  };
  for (const E_TransferSyntax syntax : {EXS_LittleEndianExplicit, EXS_LittleEndianImplicit}) {
    for (const PaddingCase& c : cases) {
      TempFolder folder;
      WriteSeries(
          folder.path(), Small(),
          [&](DcmDataset& d, int) {
            std::vector<Uint16> words = BodyWith(c.outside, c.inside);
            // Real voxels as dark as 0 and 1 at the body's rim.
            if (c.outside == 0) words[6 * 20 + 6] = 1;
            PutWords(d, words);
            d.putAndInsertUint16(DCM_BitsStored, static_cast<Uint16>(c.bits_stored));
            d.putAndInsertUint16(DCM_HighBit, static_cast<Uint16>(c.bits_stored - 1));
            d.putAndInsertUint16(DCM_PixelRepresentation, c.is_signed ? 1 : 0);
            c.state(d);
            return true;
          },
          syntax);
      const Read read = ReadAndLoad(folder.path());
      ASSERT_TRUE(read.image) << c.what << read.error;
      // Implicit files have no VR to say that it is text.
      if (syntax == EXS_LittleEndianImplicit && std::string(c.what).ends_with("text")) continue;
      const auto slice = read.image->voxels.Slice(1);
      EXPECT_EQ(std::isnan(slice[3]), c.outside_is_padding) << c.what;
      EXPECT_EQ(std::isnan(slice[10 * 20 + 10]), c.inside_is_padding) << c.what;
      EXPECT_EQ(slice[7 * 20 + 7], 220) << c.what;
      EXPECT_THAT(read.caveats, IsEmpty()) << c.what;
    }
  }
}

TEST(Padding, ThatRealVoxelsHaveCutsNoHoles) {
  VolumeGeometry g;
  g.columns = g.rows = 20;
  g.slices = 1;
  Volume<float> voxels(g, 0.0F);
  Volume<std::uint8_t> marks(g, kMayBePadding);
  for (int j = 4; j < 16; ++j) {
    for (int i = 4; i < 16; ++i) {
      const bool lung = i > 6 && i < 13 && j > 6 && j < 13;  // 36 pixels of 0 within the body.
      voxels.At(i, j, 0) = lung ? 0.0F : static_cast<float>(1 + i);
      marks.At(i, j, 0) = lung ? kMayBePadding : kNoPadding;
    }
  }
  RemovePadding(voxels, marks);
  for (int j = 0; j < 20; ++j) {
    for (int i = 0; i < 20; ++i) {
      const bool beside = i < 4 || i >= 16 || j < 4 || j >= 16;
      EXPECT_EQ(std::isnan(voxels.At(i, j, 0)), beside) << i << " " << j;
    }
  }
}

}  // namespace
}  // namespace osteon
