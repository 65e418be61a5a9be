// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/headers/study_reader.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "pipelines/selection/patient_size.h"
#include "tests/pipelines/dicom/mr_files.h"

namespace osteon {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::SeriesSpec;
using ::testing::SizeIs;
using testing::TempFolder;
using testing::WriteSeries;

void WriteText(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

auto HasCaveat(const std::string& code, const std::string& text) {
  return Contains(AllOf(Field(&Caveat::code, code), Field(&Caveat::text, HasSubstr(text))));
}

TEST(ReadStudy, SortsSlicesAndTellsGeometryPhysicsAndPatientFacts) {
  TempFolder folder;
  const SeriesSpec spec;
  // Instance numbers and file order run against the positions.
  WriteSeries(folder.path(), spec, [&](DcmDataset& d, int k) {
    d.putAndInsertString(DCM_InstanceNumber, std::to_string(100 - k).c_str());
    return true;
  });
  WriteText(folder.path() / "notes.txt", "not DICOM");
  RunContext run;
  const auto study = ReadStudy(folder.path(), {}, run);
  ASSERT_TRUE(study) << study.error().message();
  ASSERT_THAT(study->series, SizeIs(1));
  const SeriesInfo& s = study->series[0];
  EXPECT_EQ(s.geometry.slices, 6);
  EXPECT_EQ(s.geometry.patient_from_voxel.origin, (Vec3{-12, -18, 40}));
  EXPECT_EQ(s.geometry.patient_from_voxel.step_k, (Vec3{0, 6, 0}));
  EXPECT_EQ(s.frames[2].sop_instance_uid, testing::SopUid(spec, 2));
  EXPECT_EQ(s.contrast, Contrast::kStir);
  EXPECT_EQ(s.physics.inversion_time_ms, 165);
  EXPECT_NEAR(*study->age_years, 12.05, 0.01);
  EXPECT_EQ(study->height_mm, 1420);
  ASSERT_THAT(study->left_out, SizeIs(1));
  EXPECT_EQ(study->left_out[0].what, "notes.txt");
  EXPECT_THAT(run.caveats(), IsEmpty());
}

TEST(ReadStudy, RefusesFoldersWithoutAStudyEachInItsOwnWords) {
  struct Case {
    const char* name;
    std::function<void(const std::filesystem::path&)> make;
    const char* message;
  };
  const Case cases[] = {
      {"empty", [](const auto&) {}, "the folder is empty"},
      {"text", [](const auto& f) { WriteText(f / "a.txt", "hello"); },
       "none of the 1 files in the folder is DICOM (a.txt: not a DICOM file)"},
      {"zero length", [](const auto& f) { WriteText(f / "a.dcm", ""); }, "an empty file (0 bytes)"},
      {"two studies",
       [](const auto& f) {
         WriteSeries(f, {});
         SeriesSpec other;
         other.study_uid = "1.2.826.0.1.7";
         other.series_uid = "1.2.826.0.1.7.1";
         other.series_number = 3;
         WriteSeries(f, other);
       },
       "2 studies, one is wanted: 1.2.826.0.1.1 (6 files), 1.2.826.0.1.7 (6 files)"},
      {"two patients",
       [](const auto& f) {
         WriteSeries(f, {}, [](DcmDataset& d, int k) {
           return k != 3 || d.putAndInsertString(DCM_PatientID, "SECOND-PERSON").good();
         });
       },
       "differ in Patient ID (0010,0020)"},
      {"truncated header",
       [](const auto& f) {
         WriteSeries(f, {});
         std::filesystem::resize_file(testing::SlicePath(f, {}, 2), 500);
       },
       "s2/0003.dcm: the DICOM header cannot be read to its end"},
  };
  for (const Case& c : cases) {
    TempFolder folder;
    c.make(folder.path());
    RunContext run;
    const auto study = ReadStudy(folder.path(), {}, run);
    ASSERT_FALSE(study) << c.name;
    EXPECT_EQ(study.error().code(), ErrorCode::kInvalidInput) << c.name;
    EXPECT_THAT(study.error().message(), HasSubstr(c.message)) << c.name;
    EXPECT_EQ(study.error().message().find("SECOND-PERSON"), std::string::npos) << "a patient id";
  }
  RunContext run;
  EXPECT_THAT(ReadStudy("/nowhere/at/all", {}, run).error().message(), HasSubstr("not a folder"));
}

TEST(ReadStudy, LeavesOutASeriesWithABrokenHeaderAndNamesFileAndField) {
  struct Case {
    const char* name;
    std::function<void(DcmDataset&)> change;
    const char* reason;
  };
  const Case cases[] = {
      {"no position", [](auto& d) { d.findAndDeleteElement(DCM_ImagePositionPatient); },
       "Image Position (Patient) (0020,0032) is missing"},
      {"two position values",
       [](auto& d) { d.putAndInsertString(DCM_ImagePositionPatient, "1\\2"); },
       "Image Position (Patient) (0020,0032)"},
      {"no orientation", [](auto& d) { d.findAndDeleteElement(DCM_ImageOrientationPatient); },
       "Image Orientation (Patient) (0020,0037) is missing"},
      {"flat orientation",
       [](auto& d) { d.putAndInsertString(DCM_ImageOrientationPatient, "1\\0\\0\\1\\0\\0"); },
       "not two perpendicular unit vectors"},
      {"NaN spacing", [](auto& d) { d.putAndInsertString(DCM_PixelSpacing, "nan\\nan"); },
       "Pixel Spacing (0028,0030)"},
      {"zero spacing", [](auto& d) { d.putAndInsertString(DCM_PixelSpacing, "0\\0"); },
       "Pixel Spacing (0028,0030)"},
      {"words for spacing", [](auto& d) { d.putAndInsertString(DCM_PixelSpacing, "wide\\long"); },
       "Pixel Spacing (0028,0030)"},
      {"absurd rows", [](auto& d) { d.putAndInsertUint16(DCM_Rows, 65535); },
       "Rows (0028,0010) is 65535"},
      {"no columns", [](auto& d) { d.putAndInsertUint16(DCM_Columns, 0); },
       "Columns (0028,0011) is 0"},
      {"a million frames", [](auto& d) { d.putAndInsertString(DCM_NumberOfFrames, "1000000"); },
       "Number of Frames (0028,0008) is 1000000"},
      {"no series", [](auto& d) { d.findAndDeleteElement(DCM_SeriesInstanceUID); },
       "Series or SOP Instance UID is missing"},
  };
  for (const Case& c : cases) {
    TempFolder folder;
    WriteSeries(folder.path(), {}, [&](DcmDataset& d, int k) {
      if (k == 3) c.change(d);
      return true;
    });
    RunContext run;
    const auto study = ReadStudy(folder.path(), {}, run);
    ASSERT_TRUE(study) << c.name << ": " << study.error().message();
    EXPECT_THAT(study->left_out, Contains(AllOf(Field(&Study::LeftOut::what, "s2/0004.dcm"),
                                                Field(&Study::LeftOut::reason, HasSubstr(c.reason)),
                                                Field(&Study::LeftOut::damaged, true))))
        << c.name;
    EXPECT_THAT(run.caveats(), HasCaveat("series_left_out", c.reason)) << c.name;
  }
}

TEST(ReadStudy, RepairsOneMissingSliceWithACaveatAndRefusesMore) {
  const auto read_without = [](std::vector<int> missing, RunContext& run) {
    TempFolder folder;
    SeriesSpec spec;
    spec.slices = 20;
    WriteSeries(folder.path(), spec, [&](DcmDataset&, int k) {
      return std::find(missing.begin(), missing.end(), k) == missing.end();
    });
    return ReadStudy(folder.path(), {}, run);
  };
  RunContext one;
  const auto repaired = read_without({7}, one);
  ASSERT_TRUE(repaired);
  ASSERT_THAT(repaired->series, SizeIs(1));
  EXPECT_EQ(repaired->series[0].geometry.slices, 20);
  EXPECT_TRUE(repaired->series[0].frames[7].missing());
  EXPECT_FALSE(repaired->series[0].frames[8].missing());
  EXPECT_THAT(one.caveats(), HasCaveat("missing_slice", "slice 8 of 20 is missing"));
  for (const std::vector<int>& missing : {std::vector<int>{7, 8}, std::vector<int>{3, 7, 12}}) {
    RunContext more;
    const auto refused = read_without(missing, more);
    ASSERT_TRUE(refused);
    EXPECT_THAT(refused->series, IsEmpty());
    EXPECT_THAT(more.caveats(), HasCaveat("series_left_out", "slices are missing"));
  }
}

TEST(ReadStudy, RefusesUnevenSlicesAndKeepsTheFirstOfDuplicates) {
  TempFolder uneven;
  WriteSeries(uneven.path(), {}, [](DcmDataset& d, int k) {
    return k != 3 || d.putAndInsertString(DCM_ImagePositionPatient, "-12\\2\\40").good();
  });
  RunContext uneven_run;
  const auto refused = ReadStudy(uneven.path(), {}, uneven_run);
  ASSERT_TRUE(refused);
  EXPECT_THAT(refused->series, IsEmpty());
  EXPECT_THAT(uneven_run.caveats(), HasCaveat("series_left_out", "not evenly spaced"));

  TempFolder twice;
  WriteSeries(twice.path(), {});
  SeriesSpec again;
  again.slices = 6;
  again.series_number = 3;  // Its own sub-folder; the series number itself does not matter.
  WriteSeries(twice.path(), again, [&](DcmDataset& d, int k) {
    d.putAndInsertString(DCM_SOPInstanceUID, "1.2.826.0.1.1.1.77");
    return k == 2;
  });
  std::filesystem::copy_file(testing::SlicePath(twice.path(), {}, 1), twice.path() / "copy.dcm");
  RunContext twice_run;
  const auto kept = ReadStudy(twice.path(), {}, twice_run);
  ASSERT_TRUE(kept);
  ASSERT_THAT(kept->series, SizeIs(1));
  EXPECT_EQ(kept->series[0].geometry.slices, 6);
  EXPECT_THAT(twice_run.caveats(), HasCaveat("duplicate_slice", "1 slice(s)"));
  EXPECT_THAT(kept->left_out, Contains(Field(&Study::LeftOut::reason,
                                             HasSubstr("the same SOP Instance UID as copy.dcm"))));
}

TEST(ReadStudy, SeparatesWhatIsNotOneVolume) {
  struct Case {
    const char* name;
    std::function<void(DcmDataset&, int)> change;
    std::size_t stacks;
  };
  const Case cases[] = {
      {"frames of reference",
       [](auto& d, int k) {
         if (k >= 3) d.putAndInsertString(DCM_FrameOfReferenceUID, "1.2.826.0.1.1.8");
       },
       2},
      {"echo times",
       [](auto& d, int k) {
         if (k >= 3) d.putAndInsertString(DCM_EchoTime, "100");
       },
       2},
      {"stations in one series",
       [](auto& d, int k) {
         const std::string at = k < 3 ? fmt::format("-12\\{}\\40", -18 + 6 * k)
                                      : fmt::format("-12\\{}\\-340", -36 + 6 * k);
         d.putAndInsertString(DCM_ImagePositionPatient, at.c_str());
       },
       2},
      {"planes of a localiser",
       [](auto& d, int k) {
         const char* planes[] = {"1\\0\\0\\0\\0\\-1", "0\\1\\0\\0\\0\\-1", "1\\0\\0\\0\\1\\0"};
         d.putAndInsertString(DCM_ImageOrientationPatient, planes[k / 2]);
         const std::string at = fmt::format("{}\\{}\\{}", 6 * k, 6 * k, 6 * k);
         d.putAndInsertString(DCM_ImagePositionPatient, at.c_str());
       },
       3},
      {"time points",
       [](auto& d, int k) {
         const std::string at = fmt::format("-12\\{}\\40", 6 * (k % 3));
         d.putAndInsertString(DCM_ImagePositionPatient, at.c_str());
       },
       2},
  };
  for (const Case& c : cases) {
    TempFolder folder;
    WriteSeries(folder.path(), {}, [&](DcmDataset& d, int k) {
      c.change(d, k);
      return true;
    });
    RunContext run;
    const auto study = ReadStudy(folder.path(), {}, run);
    ASSERT_TRUE(study) << c.name;
    EXPECT_THAT(study->series, SizeIs(c.stacks)) << c.name;
    for (std::size_t n = 0; n < study->series.size(); ++n) {
      EXPECT_EQ(study->series[n].stack, static_cast<int>(n)) << c.name;
      EXPECT_EQ(study->series[n].geometry.slices, static_cast<int>(6 / c.stacks)) << c.name;
    }
  }
}

TEST(ReadStudy, ListsWhatIsNoMrImageWithItsReason) {
  TempFolder folder;
  WriteSeries(folder.path(), {}, [](DcmDataset& d, int k) {
    if (k == 0) d.putAndInsertString(DCM_SOPClassUID, UID_CTImageStorage);
    if (k == 0) d.putAndInsertString(DCM_Modality, "CT");
    if (k == 1) d.putAndInsertString(DCM_SOPClassUID, UID_SegmentationStorage);
    if (k == 1) d.putAndInsertString(DCM_Manufacturer, "Osteon project");
    if (k == 2) d.putAndInsertString(DcmTag(0x0019, 0x0010, EVR_LO), "SIEMENS MR HEADER");
    if (k == 2) d.putAndInsertUint16(DcmTag(0x0019, 0x100A, EVR_US), 36);
    return k < 3;
  });
  RunContext run;
  const auto study = ReadStudy(folder.path(), {}, run);
  ASSERT_TRUE(study);
  EXPECT_THAT(study->series, IsEmpty());
  for (const char* reason :
       {"not an MR image: CTImageStorage (CT)", "a result of Osteon itself", "Siemens mosaic"}) {
    EXPECT_THAT(study->left_out, Contains(Field(&Study::LeftOut::reason, HasSubstr(reason))));
  }
}

TEST(AgeAt, NeedsTwoRealDates) {
  const struct {
    const char *born, *seen;
    std::optional<double> years;
  } cases[] = {{"20140210", "20260210", 12.0}, {"20260101", "20260401", 0.25},
               {"20270101", "20260101", {}},   {"", "20260101", {}},
               {"2014021x", "20260101", {}},   {"20141310", "20260101", {}}};
  for (const auto& c : cases) {
    const auto years = AgeAt(c.born, c.seen);
    ASSERT_EQ(years.has_value(), c.years.has_value()) << c.born;
    if (years) {
      EXPECT_NEAR(*years, *c.years, 0.02) << c.born;
    }
  }
}

}  // namespace
}  // namespace osteon
