// SPDX-License-Identifier: GPL-3.0-or-later
// From words to values where files keep to the standard and where they do not: padding, bits
// outside of Bits Stored, overlays, Philips' private scale, units of ADC, tiles, pixels that cannot
// be read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <numeric>

#include "pipelines/dicom/headers/study_reader.h"
#include "pipelines/dicom/images/adc_unit.h"
#include "pipelines/dicom/images/padding.h"
#include "pipelines/dicom/images/stored_bits.h"
#include "pipelines/dicom/images/volume_loader.h"
#include "tests/pipelines/dicom/mr_files.h"

namespace osteon {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::SeriesSpec;
using ::testing::SizeIs;
using testing::TempFolder;
using testing::WriteEnhanced;
using testing::WriteSeries;

struct Read {
  Study study;
  std::optional<ImageVolume> image;
  std::vector<std::string> caveats;
  std::string error;
};

// Reads the folder and loads its only series, when there is one.
Read ReadAndLoad(const std::filesystem::path& folder) {
  RunContext run;
  Read out;
  auto study = ReadStudy(folder, {}, run);
  if (!study) {
    out.error = study.error().message();
    return out;
  }
  out.study = std::move(*study);
  if (out.study.series.size() == 1) {
    auto image = LoadVolume(out.study.series[0], run);
    if (!image) out.error = image.error().message();
    if (image) out.image = std::move(*image);
  }
  for (const Caveat& c : run.caveats()) out.caveats.push_back(c.code);
  return out;
}

void PutWords(DcmDataset& d, const std::vector<Uint16>& words) {
  d.putAndInsertUint16Array(DCM_PixelData, words.data(), words.size());
}

// ------------------------------------------------------------------------------------- padding

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

SeriesSpec Small() {
  SeriesSpec spec;
  spec.columns = spec.rows = 20;
  spec.slices = 2;
  return spec;
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

// ------------------------------------------------------------------- bits outside of Bits Stored

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

// --------------------------------------------------------------------------- Philips, and ADC

void PutPhilipsScale(DcmItem& d, Uint16 block, float scale) {
  d.putAndInsertString(DcmTag(0x2005, block, EVR_LO), "Philips MR Imaging DD 001");
  d.putAndInsertFloat32(DcmTag(0x2005, static_cast<Uint16>(block << 8 | 0x0E), EVR_FL), scale);
}

TEST(PhilipsScale, IsForMagnitudeImagesOnly) {
  const struct {
    const char *image_type, *rescale_type;
    Uint16 block;
    double per_stored;  // Value of one stored unit; Rescale Slope 2, scale slope 0.01.
  } cases[] = {{"ORIGINAL\\PRIMARY\\M_SE\\M\\SE", "normalized", 0x10, 100},
               {"ORIGINAL\\PRIMARY\\M_IR\\M\\IR", "US", 0x11, 100},
               {"DERIVED\\PRIMARY\\W\\W\\DERIVED", "", 0xE1, 100},
               {"DERIVED\\PRIMARY\\ADC\\ADC\\UNSPECIFIED", "normalized", 0x10, 2},
               {"DERIVED\\PRIMARY\\T2 MAP\\T2\\UNSPECIFIED", "normalized", 0x10, 2},
               {"ORIGINAL\\PRIMARY\\PHASE MAP\\P\\FFE", "normalized", 0x11, 2},
               {"ORIGINAL\\PRIMARY\\M_FFE\\M\\FFE", "mrad", 0x10, 2}};
  for (const auto& c : cases) {
    for (const E_TransferSyntax syntax : {EXS_LittleEndianExplicit, EXS_LittleEndianImplicit}) {
      TempFolder folder;
      WriteSeries(
          folder.path(), {},
          [&](DcmDataset& d, int) {
            d.putAndInsertString(DCM_ImageType, c.image_type);
            d.putAndInsertString(DCM_RescaleType, c.rescale_type);
            d.putAndInsertString(DCM_RescaleSlope, "2");
            d.putAndInsertString(DCM_RescaleIntercept, "0");
            PutPhilipsScale(d, c.block, 0.01F);
            return true;
          },
          syntax);
      RunContext run;
      const auto study = ReadStudy(folder.path(), {}, run);
      ASSERT_TRUE(study);
      ASSERT_THAT(study->series, SizeIs(1));
      SeriesInfo info = study->series[0];
      info.contrast = Contrast::kStir;  // Whatever the words made of it: the frame decides.
      const auto image = LoadVolume(info, run);
      ASSERT_TRUE(image);
      const double stored = testing::StoredValue(3, 2, 1);
      EXPECT_NEAR(image->voxels.At(3, 2, 1), c.per_stored * stored, 1e-4 * c.per_stored * stored)
          << c.image_type << " " << c.rescale_type;
    }
  }
}

TEST(PhilipsScale, IsReadFromEachFrameOfAnEnhancedObject) {
  TempFolder folder;
  WriteEnhanced(folder.path() / "e.dcm", {}, [](DcmDataset& d) {
    for (long k = 0; k < 6; ++k) {
      DcmItem* frame = nullptr;
      ASSERT_TRUE(d.findAndGetSequenceItem(DCM_PerFrameFunctionalGroupsSequence, frame, k).good());
      DcmItem* own = nullptr;
      frame->findOrCreateSequenceItem(DcmTag(0x2005, 0x140F, EVR_SQ), own, 0);
      PutPhilipsScale(*own, 0x11, 0.01F * static_cast<float>(k + 1));
    }
  });
  const Read read = ReadAndLoad(folder.path());
  ASSERT_TRUE(read.image) << read.error;
  for (int k : {0, 3}) {
    const double truth = 100.0 / (k + 1) * testing::StoredValue(2, 3, k);
    EXPECT_NEAR(read.image->voxels.At(2, 3, k), truth, 1e-3 * truth);
  }
}

TEST(AdcUnit, IsReadFromEverySpelling) {
  const std::pair<const char*, std::optional<double>> cases[] = {{"10-6 mm2/s", 1},
                                                                 {"10^-6 mm^2/s", 1},
                                                                 {"um2/s", 1},
                                                                 {"\xC2\xB5m\xC2\xB2/s", 1},
                                                                 {"10*-6.mm2/s", 1},
                                                                 {"1e-6 mm2/s", 1},
                                                                 {"x10-6 mm\xC2\xB2/s", 1},
                                                                 {"*10^-3mm^2/s", 1000},
                                                                 {"10-3 mm2/s", 1000},
                                                                 {"um2/ms", 1000},
                                                                 {"10-9 m2/s", 1000},
                                                                 {"10*-5.cm2/s", 1000},
                                                                 {"mm2/s", 1e6},
                                                                 {"mm2/sec", 1e6},
                                                                 {"m2/s", 1e12},
                                                                 {"10-12 m2/s", 1},
                                                                 {"normalized", {}},
                                                                 {"US", {}},
                                                                 {"", {}},
                                                                 {"s/mm2", {}},
                                                                 {"mm/s", {}},
                                                                 {"10+3 mm2/s", {}}};
  for (const auto& [text, um2_per_s] : cases) EXPECT_EQ(DiffusivityUnit(text), um2_per_s) << text;
}

TEST(AdcUnit, IsToldByWater) {
  const struct {
    std::optional<double> stated;
    float median;
    AdcUnitFrom from;
    double um2_per_s;
  } cases[] = {
      {{}, 1400, AdcUnitFrom::kUsual, 1},         {{}, 300, AdcUnitFrom::kUsual, 1},
      {{}, 1.4F, AdcUnitFrom::kGuessed, 1e3},     {{}, 0.0014F, AdcUnitFrom::kGuessed, 1e6},
      {1e3, 1.4F, AdcUnitFrom::kStated, 1e3},     {1, 1400, AdcUnitFrom::kStated, 1},
      {1, 1.4F, AdcUnitFrom::kContradicted, 1e3}, {1e6, 1400, AdcUnitFrom::kContradicted, 1},
      {{}, 50000, AdcUnitFrom::kUnknown, 0},      {{}, 30, AdcUnitFrom::kUnknown, 0},
      {1, 30, AdcUnitFrom::kUnknown, 0}};
  for (const auto& c : cases) {
    std::vector<float> values(1000, c.median);
    values.resize(3000, 0.0F);  // Air, and a few that are no tissue.
    values.resize(3100, 10 * c.median);
    const AdcUnit unit = TellAdcUnit(c.stated, values);
    EXPECT_EQ(unit.from, c.from) << c.median;
    EXPECT_EQ(unit.um2_per_s, c.um2_per_s) << c.median;
  }
  EXPECT_EQ(TellAdcUnit({}, std::vector<float>(1000, 0.0F)).from, AdcUnitFrom::kUnknown);
}

// A map of 1.00 to 1.39 times 10^-3 mm2/s in the spelling of the file.
TEST(Adc, IsInOneUnitOnceLoaded) {
  const auto rescaled = [](const char* slope, const char* type = "") {
    return [=](DcmDataset& d) {
      d.putAndInsertString(DCM_RescaleSlope, slope);
      d.putAndInsertString(DCM_RescaleIntercept, "0");
      d.putAndInsertString(DCM_RescaleType, type);
    };
  };
  const auto mapped = [&](const char* rescale, double slope, const char* unit) {
    return [=](DcmDataset& d) {
      rescaled(rescale)(d);
      DcmItem *mapping = nullptr, *code = nullptr;
      d.findOrCreateSequenceItem(DCM_RealWorldValueMappingSequence, mapping, 0);
      mapping->putAndInsertFloat64(DCM_RealWorldValueSlope, slope);
      mapping->putAndInsertFloat64(DCM_RealWorldValueIntercept, 0);
      mapping->findOrCreateSequenceItem(DCM_MeasurementUnitsCodeSequence, code, 0);
      code->putAndInsertString(DCM_CodeValue, unit);
    };
  };
  const struct {
    const char* what;
    std::function<void(DcmDataset&)> change;  // Stored values are 1000 to 1399.
    const char* caveat;
  } cases[] = {
      {"10-6 mm2/s", rescaled("1"), nullptr},
      {"10-3 mm2/s, not stated", rescaled("0.001"), "adc_unit_guessed"},
      {"10-3 mm2/s, stated", rescaled("0.001", "10-3 mm2/s"), nullptr},
      {"mm2/s, not stated", rescaled("0.000001"), "adc_unit_guessed"},
      {"states 10-6, is 10-3", rescaled("0.001", "10^-6 mm^2/s"), "adc_unit_contradicted"},
      {"a real world value in mm2/s", mapped("7", 1e-6, "mm2/s"), nullptr},
      {"a real world value of something else", mapped("0.001", 5, "ms"), "adc_unit_guessed"},
      {"Philips",
       [&](DcmDataset& d) {
         rescaled("1", "normalized")(d);
         PutPhilipsScale(d, 0x10, 0.019F);
       },
       nullptr},
      {"none of tissue", rescaled("70"), "adc_unit_unknown"},
  };
  for (const auto& c : cases) {
    TempFolder folder;
    SeriesSpec spec = Small();
    spec.description = "ADC";
    WriteSeries(folder.path(), spec, [&](DcmDataset& d, int) {
      std::vector<Uint16> words(400);
      std::iota(words.begin(), words.end(), Uint16{1000});
      PutWords(d, words);
      d.putAndInsertString(DCM_ImageType, "DERIVED\\PRIMARY\\ADC\\ADC");
      c.change(d);
      return true;
    });
    const Read read = ReadAndLoad(folder.path());
    ASSERT_TRUE(read.image) << c.what << read.error;
    ASSERT_EQ(read.study.series[0].contrast, Contrast::kAdc);
    if (c.caveat != nullptr && std::string(c.caveat) == "adc_unit_unknown") {
      EXPECT_TRUE(std::isnan(read.image->voxels[0])) << "not used";
    } else {
      EXPECT_NEAR(read.image->voxels[100], 1100, 0.1) << c.what;
    }
    if (c.caveat == nullptr) {
      EXPECT_THAT(read.caveats, IsEmpty()) << c.what;
    } else {
      EXPECT_THAT(read.caveats, ::testing::ElementsAre(c.caveat)) << c.what;
    }
  }
}

// ---------------------------------------------------------------------- what cannot be read

TEST(Tiled, IsRefusedByNameAndFramesThatAreApartAreRead) {
  const auto siemens = [](Uint16 block, Uint16 images) {
    return [=](DcmDataset& d) {
      d.putAndInsertString(DcmTag(0x0019, block, EVR_LO), "SIEMENS MR HEADER");
      d.putAndInsertUint16(DcmTag(0x0019, static_cast<Uint16>(block << 8 | 0x0A), EVR_US), images);
    };
  };
  const auto word = [](const char* spacing, const Uint16 matrix) {
    return [=](DcmDataset& d) {
      d.putAndInsertString(DCM_ImageType, "ORIGINAL\\PRIMARY\\M\\ND\\MOSAIC");
      d.putAndInsertString(DCM_PixelSpacing, spacing);
      const Uint16 values[] = {matrix, 0, 0, matrix};
      if (matrix > 0) d.putAndInsertUint16Array(DCM_AcquisitionMatrix, values, 4);
    };
  };
  const struct {
    const char* what;
    std::function<void(DcmDataset&)> change;
    const char* refused;  // nullptr: read.
  } cases[] = {
      {"Siemens, by number", siemens(0x10, 36), "Siemens mosaic"},
      {"Siemens, in another block", siemens(0x11, 5), "Siemens mosaic"},
      {"Siemens, a mosaic of one", siemens(0x10, 1), nullptr},
      {"UIH",
       [](DcmDataset& d) {
         d.putAndInsertString(DcmTag(0x0065, 0x0010, EVR_LO), "Image Private Header");
         d.putAndInsertString(DcmTag(0x0065, 0x1050, EVR_DS), "20");
       },
       "UIH grid"},
      {"any vendor, wider than a bore",
       [](DcmDataset& d) { d.putAndInsertString(DCM_PixelSpacing, "48\\48"); },
       "larger than any bore"},
      {"the word, larger than a body", word("30\\30", 0), "Siemens mosaic"},
      {"the word, tiles of a quarter", word("2\\2", 5), "Siemens mosaic"},
      {"the word, but one slice's matrix", word("2\\2", 20), nullptr},
      {"the word, but interpolated", word("2\\2", 10), nullptr},
      {"the word alone", word("2\\2", 0), nullptr},
      {"a part of another word",
       [](DcmDataset& d) { d.putAndInsertString(DCM_ImageType, "ORIGINAL\\PRIMARY\\M\\NOMOSAIC"); },
       nullptr},
  };
  for (const auto& c : cases) {
    TempFolder folder;
    WriteSeries(folder.path(), Small(), [&](DcmDataset& d, int) {
      c.change(d);
      return true;
    });
    const Read read = ReadAndLoad(folder.path());
    if (c.refused == nullptr) {
      EXPECT_TRUE(read.image) << c.what;
      continue;
    }
    EXPECT_THAT(read.study.series, IsEmpty()) << c.what;
    EXPECT_THAT(read.study.left_out, Contains(Field(&Study::LeftOut::reason, HasSubstr(c.refused))))
        << c.what;
  }
}

TEST(Unreadable, IsNamedFromTheHeaderOnceForItsSeries) {
  const struct {
    const char* what;
    std::function<void(DcmDataset&)> change;
    bool damaged;
    const char* reason;
  } cases[] = {
      {"colour", [](DcmDataset& d) { d.putAndInsertUint16(DCM_SamplesPerPixel, 3); }, false,
       "Samples per Pixel (0028,0002) is not 1"},
      {"palette",
       [](DcmDataset& d) { d.putAndInsertString(DCM_PhotometricInterpretation, "PALETTE COLOR"); },
       false, "Photometric Interpretation (0028,0004) is PALETTE COLOR"},
      {"inverted",
       [](DcmDataset& d) { d.putAndInsertString(DCM_PhotometricInterpretation, "MONOCHROME1"); },
       true, "MONOCHROME1"},
      {"floats",
       [](DcmDataset& d) {
         const Float32 values[400] = {};
         d.findAndDeleteElement(DCM_PixelData);
         d.putAndInsertFloat32Array(DCM_FloatPixelData, values, 400);
       },
       true, "Float Pixel Data"},
      {"no pixels", [](DcmDataset& d) { d.findAndDeleteElement(DCM_PixelData); }, true,
       "Pixel Data (7FE0,0010) is missing"},
      {"odd depth", [](DcmDataset& d) { d.putAndInsertUint16(DCM_BitsAllocated, 12); }, true,
       "Bits Allocated (0028,0100) is 12"},
      {"too many bits", [](DcmDataset& d) { d.putAndInsertUint16(DCM_BitsStored, 17); }, true,
       "Bits Stored (0028,0101)"},
  };
  for (const auto& c : cases) {
    TempFolder folder;
    WriteSeries(folder.path(), Small(), [&](DcmDataset& d, int) {
      c.change(d);
      return true;
    });
    const Read read = ReadAndLoad(folder.path());
    EXPECT_THAT(read.study.series, IsEmpty()) << c.what;
    ASSERT_THAT(read.study.left_out, SizeIs(1)) << c.what;
    EXPECT_THAT(read.study.left_out[0].reason, HasSubstr(c.reason));
    EXPECT_THAT(read.study.left_out[0].what, HasSubstr("series 1.2.826.0.1.1.1 (t2_tirm_cor)"));
    EXPECT_EQ(read.study.left_out[0].damaged, c.damaged) << c.what;
    EXPECT_THAT(read.caveats, SizeIs(c.damaged ? 1 : 0)) << c.what;
  }
}

// Puts `uid` in the place of the file's transfer syntax `old_uid`.
void PretendSyntax(const std::filesystem::path& path, std::string old_uid, std::string uid) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  in.close();
  const auto element = [](std::string& value) {
    if (value.size() % 2 != 0) value += '\0';
    return std::string{'U', 'I', static_cast<char>(value.size()), '\0'} + value;
  };
  const std::string old = element(old_uid);
  const auto at = bytes.find(old);
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, old.size(), element(uid));
  // Group length (0002,0000), the first element behind the preamble.
  auto length =
      static_cast<unsigned char>(bytes[140]) + 256U * static_cast<unsigned char>(bytes[141]);
  length = static_cast<unsigned>(length + uid.size() - old_uid.size());
  bytes[140] = static_cast<char>(length & 0xFF);
  bytes[141] = static_cast<char>(length >> 8);
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST(Unreadable, TransferSyntaxIsNamedWithWhatToDo) {
  const std::pair<const char*, const char*> cases[] = {
      {"1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless (1.2.840.10008.1.2.4.201)"},
      {"1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000"},
      {"1.2.840.10008.1.2.4.110", "JPEG XL Lossless"},
      {"1.2.840.10008.1.2.4.112", "JPEG XL"},
      {"1.2.840.10008.1.2.4.94", "JPIP Referenced: the pixels are on another server"},
      {"1.2.840.10008.1.2.4.102", "MPEG-4"},
      {"1.2.840.113619.5.2", "GE private"},
      {"1.2.840.10008.1.2.4.92", "JPEG 2000 Multi-component"},
      {"1.2.3.4.5.6.7", "1.2.3.4.5.6.7"}};
  for (const auto& [uid, name] : cases) {
    TempFolder folder;
    const bool implicit = std::string(uid) == "1.2.840.113619.5.2";
    const auto syntax = implicit ? EXS_LittleEndianImplicit : EXS_LittleEndianExplicit;
    WriteSeries(folder.path(), Small(), nullptr, syntax);
    for (int k : {0, 1}) {
      PretendSyntax(testing::SlicePath(folder.path(), Small(), k), DcmXfer(syntax).getXferID(),
                    uid);
    }
    const Read read = ReadAndLoad(folder.path());
    EXPECT_EQ(read.error, "") << uid;
    EXPECT_THAT(read.study.series, IsEmpty()) << uid;
    ASSERT_THAT(read.study.left_out, SizeIs(1)) << uid;
    EXPECT_TRUE(read.study.left_out[0].damaged) << uid;
    EXPECT_THAT(read.study.left_out[0].reason, HasSubstr(name)) << uid;
    EXPECT_THAT(read.study.left_out[0].reason, HasSubstr("transcode")) << uid;
  }
}

}  // namespace
}  // namespace osteon
