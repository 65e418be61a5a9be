// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/stored_bits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

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

// Smooth hills from 100 to `top`.
std::vector<Uint16> Hills(double top) {
  std::vector<Uint16> words;
  for (int j = 0; j < 20; ++j) {
    for (int i = 0; i < 20; ++i) {
      const double hill = std::sin(i * 3.14159 / 19) * std::sin(j * 3.14159 / 19);
      words.push_back(static_cast<Uint16>(100 + (top - 100) * hill));
    }
  }
  return words;
}

TEST(Bits, OutsideOfBitsStoredAreWhatTheImageSaysTheyAre) {
  const auto overlay = [](Uint16 bit, bool stated) {
    return [=](DcmDataset& d) {
      std::vector<Uint16> words = Hills(4000);
      for (std::size_t n = 60; n < 80; ++n) words[n] |= static_cast<Uint16>(1U << bit);
      PutWords(d, words);
      if (!stated) return;
      d.putAndInsertUint16(DcmTag(0x6000, 0x0100, EVR_US), 16);
      d.putAndInsertUint16(DcmTag(0x6000, 0x0102, EVR_US), bit);
    };
  };
  const struct {
    const char* what;
    std::function<void(DcmDataset&)> change;
    double top;  // Of the values that must come out.
    const char* caveat;
  } cases[] = {
      {"as it should be", [](DcmDataset& d) { PutWords(d, Hills(4000)); }, 4000, nullptr},
      {"values to 9000 in twelve bits", [](DcmDataset& d) { PutWords(d, Hills(9000)); }, 9000,
       "bits_above_used"},
      {"values to 14000 in twelve bits", [](DcmDataset& d) { PutWords(d, Hills(14000)); }, 14000,
       "bits_above_used"},
      {"Bits Stored 16 but High Bit 11, values to 9000",
       [](DcmDataset& d) {
         PutWords(d, Hills(9000));
         d.putAndInsertUint16(DCM_BitsStored, 16);
       },
       9000, "bits_above_used"},
      {"Bits Stored 16 but High Bit 11, values to 4000",
       [](DcmDataset& d) {
         PutWords(d, Hills(4000));
         d.putAndInsertUint16(DCM_BitsStored, 16);
       },
       4000, nullptr},
      {"an overlay in bit 15, stated", overlay(15, true), 4000, nullptr},
      {"an overlay in bit 12, stated", overlay(12, true), 4000, nullptr},
      {"an overlay in bit 13, not stated", overlay(13, false), 4000, "bits_above_masked"},
      {"an overlay of its own stated, values to 9000",
       [](DcmDataset& d) {
         PutWords(d, Hills(9000));
         d.putAndInsertUint16(DcmTag(0x6000, 0x0100, EVR_US), 1);
         d.putAndInsertUint16(DcmTag(0x6000, 0x0102, EVR_US), 0);
       },
       9000, "bits_above_used"},
      {"signed in twelve bits, signs not spread",
       [](DcmDataset& d) {
         std::vector<Uint16> words = Hills(1500);
         for (Uint16& w : words) w = static_cast<Uint16>((w - 1000) & 0x0FFF);
         PutWords(d, words);
         d.putAndInsertUint16(DCM_PixelRepresentation, 1);
         d.putAndInsertString(DCM_RescaleIntercept, "1000");
       },
       1500, nullptr},
      {"signed in twelve bits, signs spread",
       [](DcmDataset& d) {
         std::vector<Uint16> words = Hills(1500);
         for (Uint16& w : words) w = static_cast<Uint16>(w - 1000);
         PutWords(d, words);
         d.putAndInsertUint16(DCM_PixelRepresentation, 1);
         d.putAndInsertString(DCM_RescaleIntercept, "1000");
       },
       1500, nullptr},
      {"signed in twelve bits, values to 9000",
       [](DcmDataset& d) {
         PutWords(d, Hills(9000));
         d.putAndInsertUint16(DCM_PixelRepresentation, 1);
       },
       9000, "bits_above_used"},
  };
  for (const auto& c : cases) {
    TempFolder folder;
    WriteSeries(folder.path(), Small(), [&](DcmDataset& d, int) {
      c.change(d);
      return true;
    });
    const Read read = ReadAndLoad(folder.path());
    ASSERT_TRUE(read.image) << c.what << read.error;
    const std::vector<Uint16> truth = Hills(c.top);
    for (std::size_t n = 0; n < truth.size(); ++n) {
      ASSERT_EQ(read.image->voxels[n], truth[n]) << c.what << " at " << n;
    }
    if (c.caveat == nullptr) {
      EXPECT_THAT(read.caveats, IsEmpty()) << c.what;
    } else {
      EXPECT_THAT(read.caveats, ::testing::ElementsAre(c.caveat)) << c.what;
    }
  }
}

TEST(Bits, HighBitAboveBitsStoredIsShifted) {
  TempFolder folder;
  WriteSeries(folder.path(), Small(), [&](DcmDataset& d, int) {
    std::vector<Uint16> words = Hills(4000);
    for (Uint16& w : words) w = static_cast<Uint16>(w << 4);
    PutWords(d, words);
    return d.putAndInsertUint16(DCM_HighBit, 15).good();
  });
  const Read read = ReadAndLoad(folder.path());
  ASSERT_TRUE(read.image) << read.error;
  EXPECT_EQ(read.image->voxels[190], Hills(4000)[190]);
  EXPECT_THAT(read.caveats, IsEmpty());
}

}  // namespace
}  // namespace osteon
