// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/volume_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "pipelines/dicom/headers/study_reader.h"
#include "tests/pipelines/dicom/images/read_and_load.h"
#include "tests/pipelines/dicom/mr_files.h"

namespace osteon {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using testing::SeriesSpec;
using testing::SlicePath;
using testing::TempFolder;
using testing::WriteEnhanced;
using testing::WriteSeries;

// Reads the folder's only series and loads it, on any number of threads alike.
Result<ImageVolume> LoadOnly(const fs::path& folder, RunContext& run) {
  const auto study = ReadStudy(folder, {}, run);
  if (!study) return study.error();
  if (study->series.size() != 1) return Internal("not one series");
  auto image = LoadVolume(study->series[0], run);
  for (const int threads : {2, 100}) {
    RunContext other_run;
    const auto other = LoadVolumeOn(threads, study->series[0], other_run);
    EXPECT_EQ(other.ok(), image.ok());
    if (image.ok() && other.ok()) {
      EXPECT_TRUE(testing::SameVoxels(*image, *other));
    } else if (!image.ok() && !other.ok()) {
      EXPECT_EQ(other.error().message(), image.error().message());
    }
  }
  return image;
}

void ExpectStoredValues(const ImageVolume& image, double slope = 1, double intercept = 0) {
  const VolumeGeometry& g = image.voxels.geometry();
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        ASSERT_FLOAT_EQ(image.voxels.At(i, j, k),
                        static_cast<float>(slope * testing::StoredValue(i, j, k) + intercept))
            << i << " " << j << " " << k;
      }
    }
  }
}

TEST(LoadVolume, ReadsEveryUncompressedSyntaxAlike) {
  for (const E_TransferSyntax syntax : {EXS_LittleEndianImplicit, EXS_LittleEndianExplicit,
                                        EXS_BigEndianExplicit, EXS_DeflatedLittleEndianExplicit}) {
    TempFolder folder;
    WriteSeries(folder.path(), {}, nullptr, syntax);
    RunContext run;
    const auto image = LoadOnly(folder.path(), run);
    ASSERT_TRUE(image) << DcmXfer(syntax).getXferName() << ": " << image.error().message();
    ExpectStoredValues(*image);
    EXPECT_TRUE(run.caveats().empty());
  }
}

// Files of other encoders must be decoded bit for bit.
TEST(LoadVolume, ReadsEveryLosslessCompressionAlike) {
  for (const char* encoder : {"dcmcjpeg +e1", "dcmcjpeg +el", "dcmcjpls +el", "dcmcrle",
                              "gdcmconv --j2k", "gdcmconv --jpegls"}) {
    TempFolder folder;
    SeriesSpec spec;
    spec.columns = 40;
    spec.rows = 36;
    WriteSeries(folder.path(), spec);
    for (int k = 0; k < spec.slices; ++k) {
      const std::string path = SlicePath(folder.path(), spec, k).string();
      const std::string made = path + ".new";
      std::string command = encoder;
      command.append(" ").append(path).append(" ").append(made);
      command.append(" && mv ").append(made).append(" ").append(path);
      ASSERT_EQ(std::system(command.c_str()), 0) << command;
    }
    RunContext run;
    const auto image = LoadOnly(folder.path(), run);
    ASSERT_TRUE(image) << encoder << ": " << image.error().message();
    ExpectStoredValues(*image);
    EXPECT_TRUE(run.caveats().empty()) << encoder;
  }
}

TEST(LoadVolume, ReadsCompressedMultiFrameObjects) {
  for (const char* encoder : {"dcmcjpeg +e1", "dcmcjpls +el", "dcmcrle", "gdcmconv --j2k"}) {
    TempFolder folder;
    const fs::path file = folder.path() / "e.dcm";
    WriteEnhanced(file, {});
    const std::string command = std::string(encoder) + " " + file.string() + " " + file.string() +
                                ".new && mv " + file.string() + ".new " + file.string();
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
    RunContext run;
    const auto image = LoadOnly(folder.path(), run);
    ASSERT_TRUE(image) << encoder << ": " << image.error().message();
    ExpectStoredValues(*image);
  }
}

TEST(LoadVolume, SaysWhenCompressionWasLossy) {
  TempFolder folder;
  SeriesSpec spec;
  spec.columns = spec.rows = 64;
  WriteSeries(folder.path(), spec);
  for (int k = 0; k < spec.slices; ++k) {
    const std::string path = SlicePath(folder.path(), spec, k).string();
    std::string command = "dcmcjpeg +ee +q 95 ";
    command.append(path).append(" ").append(path);
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  RunContext run;
  ASSERT_TRUE(LoadOnly(folder.path(), run));
  EXPECT_THAT(run.caveats(), Contains(Field(&Caveat::code, "lossy_compression")));
}

TEST(LoadVolume, RescalesAndKeepsSignsAndMasksOverlayBits) {
  TempFolder rescaled;
  WriteSeries(rescaled.path(), {}, [](DcmDataset& d, int) {
    d.putAndInsertString(DCM_RescaleSlope, "0.5");
    return d.putAndInsertString(DCM_RescaleIntercept, "-100").good();
  });
  RunContext run;
  const auto image = LoadOnly(rescaled.path(), run);
  ASSERT_TRUE(image);
  ExpectStoredValues(*image, 0.5, -100);

  TempFolder small;
  SeriesSpec spec;
  spec.columns = 4;
  spec.rows = 1;
  spec.slices = 2;
  WriteSeries(small.path(), spec, [](DcmDataset& d, int) {
    d.putAndInsertUint16(DCM_PixelRepresentation, 1);
    // -1 and -2048 in twelve bits; the two with an overlay in bit 15.
    const Uint16 stored[] = {0x0FFF, 0x0800, 0x8005, 0x8FFE};
    return d.putAndInsertUint16Array(DCM_PixelData, stored, 4).good();
  });
  const auto negative = LoadOnly(small.path(), run);
  ASSERT_TRUE(negative) << negative.error().message();
  EXPECT_THAT(
      std::vector<float>(negative->voxels.Slice(0).begin(), negative->voxels.Slice(0).end()),
      ::testing::ElementsAre(-1, -2048, 5, -2));
}

TEST(LoadVolume, RefusesAScaleThatMakesNoSignal) {
  const struct {
    const char *slope, *intercept, *named;
  } cases[] = {{"nan", "0", "Rescale Slope (0028,1053)"},
               {"1e308", "0", "Rescale Slope (0028,1053)"},
               {"one", "0", "Rescale Slope (0028,1053)"},
               {"1", "-inf", "Rescale Intercept (0028,1052)"}};
  for (const auto& c : cases) {
    TempFolder folder;
    WriteSeries(folder.path(), {}, [&](DcmDataset& d, int k) {
      d.putAndInsertString(DCM_RescaleSlope, k == 3 ? c.slope : "1");
      return d.putAndInsertString(DCM_RescaleIntercept, k == 3 ? c.intercept : "0").good();
    });
    RunContext run;
    const auto image = LoadOnly(folder.path(), run);
    ASSERT_FALSE(image) << c.slope;
    EXPECT_THAT(image.error().message(), HasSubstr(c.named));
  }
}

TEST(LoadVolume, PutsPhilipsSeriesOnOneScale) {
  TempFolder folder;
  WriteSeries(folder.path(), {}, [](DcmDataset& d, int) {
    d.putAndInsertString(DCM_RescaleSlope, "1.25");
    d.putAndInsertString(DCM_RescaleIntercept, "0");
    d.putAndInsertString(DcmTag(0x2005, 0x0010, EVR_LO), "Philips MR Imaging DD 001");
    return d.putAndInsertFloat32(DcmTag(0x2005, 0x100E, EVR_FL), 0.01F).good();
  });
  RunContext run;
  const auto image = LoadOnly(folder.path(), run);
  ASSERT_TRUE(image);
  EXPECT_NEAR(image->voxels.At(3, 2, 1), 100.0 * testing::StoredValue(3, 2, 1), 0.1);
}

TEST(LoadVolume, UsesEachFramesOwnRescale) {
  TempFolder folder;
  WriteEnhanced(folder.path() / "e.dcm", {}, [](DcmDataset& d) {
    for (long k = 0; k < 6; ++k) {
      DcmItem* frame = nullptr;
      ASSERT_TRUE(d.findAndGetSequenceItem(DCM_PerFrameFunctionalGroupsSequence, frame, k).good());
      DcmItem* transform = nullptr;
      frame->findOrCreateSequenceItem(DCM_PixelValueTransformationSequence, transform, 0);
      transform->putAndInsertString(DCM_RescaleSlope, std::to_string(k + 1).c_str());
      transform->putAndInsertString(DCM_RescaleIntercept, "0");
    }
  });
  RunContext run;
  const auto image = LoadOnly(folder.path(), run);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_FLOAT_EQ(image->voxels.At(2, 3, 0), testing::StoredValue(2, 3, 0));
  EXPECT_FLOAT_EQ(image->voxels.At(2, 3, 4), 5.0F * testing::StoredValue(2, 3, 4));
}

TEST(LoadVolume, InterpolatesAMissingSlice) {
  TempFolder folder;
  SeriesSpec spec;
  spec.slices = 20;
  WriteSeries(folder.path(), spec, [](DcmDataset&, int k) { return k != 9; });
  RunContext run;
  const auto image = LoadOnly(folder.path(), run);
  ASSERT_TRUE(image);
  EXPECT_FLOAT_EQ(image->voxels.At(1, 2, 9), testing::StoredValue(1, 2, 9));  // Linear in k.
}

TEST(LoadVolume, NamesFileAndFieldOfWhatCannotBeLoaded) {
  struct Case {
    const char* name;
    std::function<void(const fs::path&)> spoil;
    const char* message;
  };
  const auto change_third = [](std::function<void(DcmDataset&)> change) {
    return [change](const fs::path& folder) {
      WriteSeries(folder, {}, [&](DcmDataset& d, int k) {
        if (k == 2) change(d);
        return true;
      });
    };
  };
  // Compresses the third slice and overwrites what follows its last `marker`.
  const auto spoil_third = [](const std::string& encoder, const std::string& marker) {
    return [=](const fs::path& folder) {
      WriteSeries(folder, {});
      const fs::path file = SlicePath(folder, {}, 2);
      const std::string command = encoder + " " + file.string() + " " + file.string();
      ASSERT_EQ(std::system(command.c_str()), 0) << command;
      std::string bytes(fs::file_size(file), 0);
      std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
      stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      const auto start = bytes.rfind(marker);
      ASSERT_NE(start, std::string::npos);
      stream.seekp(static_cast<std::streamoff>(start + marker.size()));
      stream << std::string(20, '\x7E');
    };
  };
  const Case cases[] = {
      {"short pixel data", change_third([](DcmDataset& d) {
         const std::vector<Uint16> few(20, 1);
         d.putAndInsertUint16Array(DCM_PixelData, few.data(), few.size());
       }),
       "0003.dcm: Pixel Data (7FE0,0010) has 40 bytes where Rows, Columns, Bits Allocated and "
       "Number of Frames ask for 240"},
      {"file cut in the pixels",
       [](const fs::path& folder) {
         WriteSeries(folder, {});
         const fs::path file = SlicePath(folder, {}, 2);
         fs::resize_file(file, fs::file_size(file) - 100);
       },
       "0003.dcm: cannot be read to its end"},
      {"broken JPEG", spoil_third("dcmcjpeg +e1", "\xFF\xD8"),
       "0003.dcm: frame 1 cannot be decoded"},
      {"broken JPEG-LS", spoil_third("dcmcjpls +el", "\xFF\xD8"),
       "0003.dcm: frame 1 cannot be decoded"},
      {"broken JPEG 2000", spoil_third("gdcmconv --j2k", "\xFF\x4F\xFF\x51"),
       "0003.dcm: frame 1: the JPEG 2000"},
  };
  for (const Case& c : cases) {
    TempFolder folder;
    c.spoil(folder.path());
    RunContext run;
    const auto image = LoadOnly(folder.path(), run);
    ASSERT_FALSE(image) << c.name;
    EXPECT_THAT(image.error().message(), HasSubstr(c.message)) << c.name;
  }
}

TEST(LoadVolume, StopsWhenCancelled) {
  TempFolder folder;
  WriteSeries(folder.path(), {});
  RunContext run;
  const auto study = ReadStudy(folder.path(), {}, run);
  ASSERT_TRUE(study);
  run.Cancel();
  EXPECT_EQ(LoadVolume(study->series[0], run).error().code(), ErrorCode::kCancelled);
}

}  // namespace
}  // namespace osteon
