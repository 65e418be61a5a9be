// SPDX-License-Identifier: GPL-3.0-or-later
// Values with a unit: Philips' scale, ADC.
#include "pipelines/dicom/images/adc_unit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/pipelines/dicom/images/read_and_load.h"

namespace osteon {
namespace {

using ::testing::IsEmpty;
using testing::PutWords;
using testing::Read;
using testing::ReadAndLoad;
using testing::SeriesSpec;
using ::testing::SizeIs;
using testing::Small;
using testing::TempFolder;
using testing::WriteEnhanced;
using testing::WriteSeries;

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
      info.contrast = Contrast::kStir;  // The frame decides, not the words of the header.
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

}  // namespace
}  // namespace osteon
