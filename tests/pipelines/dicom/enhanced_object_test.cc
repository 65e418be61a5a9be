// SPDX-License-Identifier: GPL-3.0-or-later
// ReadStudy of enhanced multi-frame objects, good and hostile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "pipelines/dicom/study_reader.h"
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

TEST(EnhancedObject, ReadsEnhancedObjectsPerFrame) {
  TempFolder folder;
  SeriesSpec spec;
  WriteEnhanced(folder.path() / "e.dcm", spec);
  RunContext run;
  const auto study = ReadStudy(folder.path(), {}, run);
  ASSERT_TRUE(study) << study.error().message();
  ASSERT_THAT(study->series, SizeIs(1));
  const SeriesInfo& s = study->series[0];
  EXPECT_EQ(s.geometry.slices, 6);
  EXPECT_EQ(s.geometry.patient_from_voxel.step_k, (Vec3{0, 6, 0}));
  EXPECT_EQ(s.frames[4].frame_number, 5);
  EXPECT_EQ(s.contrast, Contrast::kStir);
  EXPECT_EQ(s.physics.scanning_sequence, "SE\\IR");
}

TEST(EnhancedObject, RefusesAnEnhancedObjectWithFewerGroupsThanFrames) {
  TempFolder folder;
  WriteEnhanced(folder.path() / "e.dcm", {},
                [](DcmDataset& d) { d.putAndInsertString(DCM_NumberOfFrames, "10000"); });
  RunContext run;
  const auto study = ReadStudy(folder.path(), {}, run);
  ASSERT_TRUE(study);
  EXPECT_THAT(study->left_out,
              Contains(Field(&Study::LeftOut::reason,
                             HasSubstr("Number of Frames (0028,0008) is 10000 but Per-frame "
                                       "Functional Groups Sequence (5200,9230) ends at 6"))));
}

// Its frames would all lie in one place: as many series as frames, from a file of 2 kB.
TEST(EnhancedObject, RefusesManyFramesWithoutAPlaceForEach) {
  TempFolder folder;
  WriteEnhanced(folder.path() / "e.dcm", {}, [](DcmDataset& d) {
    delete d.remove(DCM_PerFrameFunctionalGroupsSequence);
    d.putAndInsertString(DCM_ImagePositionPatient, "0\\0\\0");
    d.putAndInsertString(DCM_NumberOfFrames, "10000");
  });
  RunContext run;
  const auto study = ReadStudy(folder.path(), {}, run);
  ASSERT_TRUE(study);
  EXPECT_THAT(study->series, IsEmpty());
  EXPECT_THAT(study->left_out, Contains(Field(&Study::LeftOut::reason,
                                              HasSubstr("which says where each frame lies"))));
}

TEST(EnhancedObject, RefusesPerFrameGroupsThatAreNoSequence) {
  TempFolder folder;
  WriteEnhanced(folder.path() / "e.dcm", {}, [](DcmDataset& d) {
    delete d.remove(DCM_PerFrameFunctionalGroupsSequence);
    d.insert(new DcmLongString(DcmTag(DCM_PerFrameFunctionalGroupsSequence, EVR_LO)));
    d.putAndInsertString(DCM_ImagePositionPatient, "0\\0\\0");
    d.putAndInsertString(DCM_NumberOfFrames, "10000");
  });
  RunContext run;
  const auto study = ReadStudy(folder.path(), {}, run);
  ASSERT_TRUE(study);
  EXPECT_THAT(study->series, IsEmpty());
  EXPECT_THAT(study->left_out,
              Contains(Field(&Study::LeftOut::reason, HasSubstr("(5200,9230) ends at 0"))));
}

TEST(EnhancedObject, LeavesOutASeriesInMoreStacksThanAnyScannerMakes) {
  const struct {
    const char* name;
    std::function<void(DcmItem& frame, int n)> change;
  } cases[] = {
      {"all in one place", [](DcmItem&, int) {}},
      {"each a stack of its own",
       [](DcmItem& frame, int n) {
         DcmItem* content = nullptr;
         frame.findOrCreateSequenceItem(DCM_FrameContentSequence, content);
         content->putAndInsertString(DCM_StackID, std::to_string(n).c_str());
       }},
  };
  for (const auto& c : cases) {
    TempFolder folder;
    WriteEnhanced(folder.path() / "e.dcm", {}, [&](DcmDataset& d) {
      constexpr int kFrames = 1200;
      d.putAndInsertString(DCM_ImagePositionPatient, "0\\0\\0");
      d.putAndInsertString(DCM_NumberOfFrames, std::to_string(kFrames).c_str());
      delete d.remove(DCM_PerFrameFunctionalGroupsSequence);
      for (int n = 0; n < kFrames; ++n) {
        DcmItem* frame = nullptr;
        d.findOrCreateSequenceItem(DCM_PerFrameFunctionalGroupsSequence, frame, -2);
        c.change(*frame, n);
      }
    });
    RunContext run;
    const auto study = ReadStudy(folder.path(), {}, run);
    ASSERT_TRUE(study) << c.name;
    EXPECT_THAT(study->series, IsEmpty()) << c.name;
    EXPECT_THAT(study->left_out,
                Contains(Field(&Study::LeftOut::reason, HasSubstr("more than 1000 stacks"))))
        << c.name;
  }
}

}  // namespace
}  // namespace osteon
