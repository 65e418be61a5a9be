// SPDX-License-Identifier: GPL-3.0-or-later
// Input of which no document may be made: broken source files, lesions that do not fit.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "pipelines/base/uid.h"
#include "tests/pipelines/report/source_fixture.h"

namespace osteon {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

using SourceTest = testing::SourceFixture;

TEST_F(SourceTest, WritesTheReportOfASoundStudy) {
  const auto written = Write();
  ASSERT_TRUE(written.ok()) << written.error().message();
  ASSERT_EQ(written->size(), 2u);
  EXPECT_EQ(written->front().name, "seg.dcm");
  EXPECT_EQ(written->back().name, "sr.dcm");
}

TEST_F(SourceTest, RefusesAMissingPatientModule) {
  Edit([](DcmDataset& d) {
    d.findAndDeleteElement(DCM_PatientName);
    d.findAndDeleteElement(DCM_PatientID);
  });
  ExpectRefused("0001.dcm: Patient module missing");
}

TEST_F(SourceTest, RefusesAMissingStudyModule) {
  Edit([](DcmDataset& d) { d.findAndDeleteElement(DCM_StudyInstanceUID); });
  ExpectRefused("General Study module missing");
}

TEST_F(SourceTest, RefusesAFileOfAnotherStudy) {
  Edit([](DcmDataset& d) { d.putAndInsertString(DCM_StudyInstanceUID, "1.2.3"); });
  ExpectRefused("Study Instance UID is 1.2.3, not ");
}

TEST_F(SourceTest, RefusesAFileThatIsGone) {
  fs::remove(made_->study.series[0].frames[0].path);
  ExpectRefused("0001.dcm");
}

TEST_F(SourceTest, IdentifiersOfTheImagesAreReferredToAsTheyAre) {
  const std::string study = "1.2.840.99999.0020260301.007", frame = study + ".09";
  made_->study.study_instance_uid = study;
  SeriesInfo& series = made_->study.series[0];
  series.series_instance_uid = study + ".02";
  series.geometry.frame_of_reference_uid = frame;
  VolumeGeometry grid = made_->composed.stir.geometry();
  grid.frame_of_reference_uid = frame;
  Volume<float> stir(grid);
  std::ranges::copy(made_->composed.stir.voxels(), stir.voxels().begin());
  made_->composed.stir = std::move(stir);
  Volume<std::uint16_t> labels(grid);
  std::ranges::copy(made_->lesions.labels.voxels(), labels.voxels().begin());
  made_->lesions.labels = std::move(labels);
  for (std::size_t n = 0; n < series.frames.size(); ++n)
    series.frames[n].series_instance_uid = study + ".02",
    series.frames[n].sop_instance_uid = fmt::format("{}.02.00{}", study, n + 1);
  Edit([&](DcmDataset& d) { d.putAndInsertString(DCM_StudyInstanceUID, study.c_str()); });
  const auto checked = CheckHeaders(made_->study, made_->choice, testing::TestReportOptions());
  ASSERT_TRUE(checked.ok()) << checked.error().message();
  EXPECT_EQ(Codes(*checked), "uids_kept");
  const auto written = Write();
  ASSERT_TRUE(written.ok()) << written.error().message();
  for (const Document& document : *written) {
    EXPECT_THAT(document.bytes, HasSubstr(study + ".02.00"));
    EXPECT_TRUE(IsUid(document.sop_instance_uid));
  }
  EXPECT_THAT(written->front().bytes, HasSubstr(frame)) << "the SEG lies where its images do";
  EXPECT_EQ(written->back().bytes.find("SCOORD"), std::string::npos) << "DCMTK would refuse it";
}

TEST_F(SourceTest, AnIdentifierTooLongToReferToIsToldAtOnce) {
  const std::string too_long = "1.2." + std::string(61, '3');
  SeriesInfo& series = made_->study.series[0];
  const std::pair<const char*, std::string*> cases[] = {
      {"Study Instance UID (0020,000D)", &made_->study.study_instance_uid},
      {"Series Instance UID (0020,000E)", &series.frames[0].series_instance_uid},
      {"SOP Instance UID (0008,0018)", &series.frames[0].sop_instance_uid}};
  for (const auto& [attribute, uid] : cases) {
    const std::string was = *uid;
    *uid = too_long;
    const auto checked = CheckHeaders(made_->study, made_->choice, testing::TestReportOptions());
    *uid = was;
    ASSERT_FALSE(checked.ok()) << attribute;
    EXPECT_EQ(checked.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(checked.error().message(), HasSubstr("0001.dcm: " + std::string(attribute)));
  }
}

TEST_F(SourceTest, WithoutAFrameOfReferencePlacesAreOnTheImages) {
  for (const std::string& uid : {std::string(), std::string(70, '1'), std::string("FRAME")}) {
    made_.emplace(testing::MakeReportCase(
                      folder_, {.frame_of_reference_uid = uid, .lesions = 2, .voxel_mm = 8})
                      .value());
    const auto checked = CheckHeaders(made_->study, made_->choice, testing::TestReportOptions());
    ASSERT_TRUE(checked.ok()) << checked.error().message();
    EXPECT_EQ(Codes(*checked), "no_frame_of_reference");
    const auto written = Write();
    ASSERT_TRUE(written.ok()) << written.error().message();
    for (const Document& document : *written) {
      EXPECT_EQ(document.bytes.find("SCOORD3D"), std::string::npos);
      if (!uid.empty()) {
        EXPECT_EQ(document.bytes.find(uid), std::string::npos);
      }
    }
    EXPECT_THAT(written->back().bytes, HasSubstr("SCOORD"));
  }
}

TEST_F(SourceTest, NoDateIsInvented) {
  Edit([](DcmDataset& d) {
    for (const DcmTagKey& tag :
         {DCM_StudyDate, DCM_StudyTime, DCM_SeriesDate, DCM_SeriesTime, DCM_AcquisitionDate,
          DCM_AcquisitionTime, DCM_ContentDate, DCM_ContentTime})
      d.findAndDeleteElement(tag);
  });
  made_->study.study_date.clear();
  const auto checked = CheckHeaders(made_->study, made_->choice, testing::TestReportOptions());
  ASSERT_TRUE(checked.ok());
  EXPECT_EQ(Codes(*checked), "no_study_date");
  const auto written = Write();
  ASSERT_TRUE(written.ok()) << written.error().message();
  for (const Document& document : *written) {
    DcmFileFormat file = Parsed(document);
    DcmDataset& d = *file.getDataset();
    EXPECT_FALSE(d.tagExistsWithValue(DCM_StudyDate));
    EXPECT_FALSE(d.tagExistsWithValue(DCM_StudyTime));
    EXPECT_FALSE(d.tagExists(DCM_SeriesDate));
    EXPECT_FALSE(d.tagExists(DCM_InstanceCreationDate));
    OFString date, zone;
    d.findAndGetOFString(DCM_ContentDate, date);
    d.findAndGetOFString(DCM_TimezoneOffsetFromUTC, zone);
    EXPECT_EQ(date, "20260401") << "the date of writing";
    EXPECT_EQ(zone, "+0000");
  }
}

TEST_F(SourceTest, RefusesALesionWithoutVoxels) {
  made_->findings.lesions[1].label = 77;
  ExpectRefused("lesion 2: no voxel has its label 77");
}

TEST_F(SourceTest, RefusesLabelsOnAnotherGrid) {
  VolumeGeometry other = made_->composed.stir.geometry();
  --other.rows;
  made_->lesions.labels = Volume<std::uint16_t>(other);
  ExpectRefused("not on the grid of the composed volume");
}

TEST_F(SourceTest, RefusesASourceListThatDoesNotFit) {
  made_->composed.sources.pop_back();
  ExpectRefused("source list has");
}

}  // namespace
}  // namespace osteon
