// SPDX-License-Identifier: GPL-3.0-or-later
// ReadStudy of enhanced multi-frame objects, valid and malicious.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "pipelines/dicom/headers/study_reader.h"
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

TEST(EnhancedObject, IsReadPerFrame) {
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

// Writes one object, changed so that no series can be made of it. Returns why it was left out.
std::vector<Study::LeftOut> LeftOutOf(const std::function<void(DcmDataset&)>& change) {
  TempFolder folder;
  WriteEnhanced(folder.path() / "e.dcm", {}, change);
  RunContext run;
  const auto study = ReadStudy(folder.path(), {}, run);
  if (!study) {
    ADD_FAILURE() << study.error().message();
    return {};
  }
  EXPECT_THAT(study->series, IsEmpty());
  return study->left_out;
}

auto HasReason(const char* text) {
  return Contains(Field(&Study::LeftOut::reason, HasSubstr(text)));
}

// Many frames, but only one position, where a classic image has it.
void PutFramesInOnePlace(DcmDataset& d, const char* frames) {
  delete d.remove(DCM_PerFrameFunctionalGroupsSequence);
  d.putAndInsertString(DCM_ImagePositionPatient, "0\\0\\0");
  d.putAndInsertString(DCM_NumberOfFrames, frames);
}

TEST(EnhancedObject, IsRefusedWithFewerGroupsThanFrames) {
  EXPECT_THAT(
      LeftOutOf([](DcmDataset& d) { d.putAndInsertString(DCM_NumberOfFrames, "10000"); }),
      HasReason("Number of Frames (0028,0008) is 10000 but Per-frame Functional Groups Sequence "
                "(5200,9230) ends at 6"));
}

// All frames would have one position and become as many series, from a file of 2 kB.
TEST(EnhancedObject, IsRefusedWithoutAPlaceForEachOfManyFrames) {
  EXPECT_THAT(LeftOutOf([](DcmDataset& d) { PutFramesInOnePlace(d, "10000"); }),
              HasReason("which says where each frame lies"));
}

TEST(EnhancedObject, IsRefusedWithPerFrameGroupsThatAreNoSequence) {
  EXPECT_THAT(LeftOutOf([](DcmDataset& d) {
                PutFramesInOnePlace(d, "10000");
                d.insert(new DcmLongString(DcmTag(DCM_PerFrameFunctionalGroupsSequence, EVR_LO)));
              }),
              HasReason("(5200,9230) ends at 0"));
}

TEST(EnhancedObject, IsLeftOutInMoreStacksThanAnyScannerMakes) {
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
    EXPECT_THAT(LeftOutOf([&](DcmDataset& d) {
                  PutFramesInOnePlace(d, "1200");
                  for (int n = 0; n < 1200; ++n) {
                    DcmItem* frame = nullptr;
                    d.findOrCreateSequenceItem(DCM_PerFrameFunctionalGroupsSequence, frame, -2);
                    c.change(*frame, n);
                  }
                }),
                HasReason("more than 1000 stacks"))
        << c.name;
  }
}

}  // namespace
}  // namespace osteon
