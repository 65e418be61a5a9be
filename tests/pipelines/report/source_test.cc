// SPDX-License-Identifier: GPL-3.0-or-later
// What must not become a document: broken source files, lesions that do not fit.
#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dctk.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/base/uid.h"
#include "pipelines/dicom/documents.h"
#include "pipelines/dicom/objects/source_identity.h"
#include "pipelines/dicom/objects/source_modules.h"
#include "pipelines/dicom/seg/seg_frames.h"
#include "pipelines/report/pages/pictures.h"
#include "pipelines/report/text.h"
#include "tests/pipelines/report/report_case.h"

namespace osteon {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class SourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    made_.emplace(testing::MakeReportCase(folder_, {.lesions = 2, .voxel_mm = 8}).value());
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Changes the instance that the modules are read from.
  template <typename Change>
  void Edit(Change change) {
    const fs::path path = made_->study.series[0].frames[0].path;
    DcmFileFormat file;
    ASSERT_TRUE(file.loadFile(path.c_str()).good());
    change(*file.getDataset());
    ASSERT_TRUE(file.saveFile(path.c_str()).good());
  }
  Result<std::vector<Document>> Write() const {
    const ReportOptions options = testing::TestReportOptions();
    return WriteDocuments(made_->Analysed(), WriteText(made_->findings, options), {}, options);
  }
  void ExpectRefused(const std::string& words) const {
    const auto written = Write();
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(written.error().message(), HasSubstr(words));
  }
  static DcmFileFormat Parsed(const Document& document) {
    DcmInputBufferStream stream;
    stream.setBuffer(document.bytes.data(), static_cast<offile_off_t>(document.bytes.size()));
    stream.setEos();
    DcmFileFormat file;
    EXPECT_TRUE(file.read(stream).good());
    file.loadAllDataIntoMemory();
    return file;
  }
  std::string NameIn(const Document& document) const {
    DcmFileFormat file = Parsed(document);
    OFString name;
    EXPECT_TRUE(file.getDataset()->findAndGetOFString(DCM_PatientName, name).good());
    return name.c_str();
  }

  fs::path folder_;
  std::optional<testing::ReportCase> made_;
};

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

TEST_F(SourceTest, NamesBecomeUtf8) {
  struct {
    const char *character_set, *bytes, *utf8, *on_page;
  } const cases[] = {{"ISO_IR 100", "M\xFCller^J\xF6rg", "Müller^Jörg", "Müller, Jörg"},
                     {"ISO_IR 144", "\xBB\xEE\xDA^\xDF", "Люк^п", "Люк, п"},
                     {"ISO_IR 192", "Łukasz^Zoë", "Łukasz^Zoë", "Łukasz, Zoë"},
                     {"\\ISO 2022 IR 87", "Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B",
                      "Yamada^Tarou=山田^太郎", "Yamada, Tarou (山田 太郎)"},
                     {"ISO 2022 IR 13\\ISO 2022 IR 87", "\xD4\xCF\xC0\xDE=\x1B$B;3ED\x1B(J",
                      "ﾔﾏﾀﾞ=山田", "ﾔﾏﾀﾞ (山田)"},
                     {"\\ISO 2022 IR 149", "Hong=\x1B$)C\xFB\xF3", "Hong=洪", "Hong (洪)"},
                     {"GB18030", "\xD5\xC5", "张", "张"},
                     {"ISO_IR 126", "\xC4", "Δ", "Δ"},
                     {"ISO 2022 IR 100", "M\xFCller", "Müller", "Müller"},
                     {"", "M\xFCller", "Müller", "Müller"},  // Not declared, not UTF-8: Latin 1.
                     {"", "Müller", "Müller", "Müller"}};    // Not declared, valid UTF-8.
  for (const auto& c : cases) {
    Edit([&](DcmDataset& d) {
      d.putAndInsertString(DCM_SpecificCharacterSet, c.character_set);
      d.putAndInsertString(DCM_PatientName, c.bytes);
    });
    const auto written = Write();
    ASSERT_TRUE(written.ok()) << c.character_set << ": " << written.error().message();
    for (const Document& document : *written)
      EXPECT_EQ(NameIn(document), c.utf8) << c.character_set;
    const Result<SourceIdentity> identity = ReadSourceIdentity(made_->Analysed());
    ASSERT_TRUE(identity.ok()) << identity.error().message();
    EXPECT_EQ(identity->name, c.on_page) << c.character_set;
    EXPECT_EQ(identity->patient_id, "T-0815");
    EXPECT_EQ(identity->birth_date, "20140501");
  }
}

TEST(DisplayName, IsWrittenAsPeopleWriteIt) {
  const std::pair<const char*, const char*> cases[] = {
      {"Müller^Jörg", "Müller, Jörg"},
      {"Müller^Jörg^Karl^Dr.^jun.", "Müller, Jörg Karl, Dr., jun."},
      {" Müller ^ Jörg ", "Müller, Jörg"},
      {"Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou (山田 太郎)"},
      {"=山田^太郎", "山田 太郎"},
      {"==やまだ^たろう", "やまだ たろう"},
      {"^Ohne Nachnamen", "Ohne Nachnamen"},
      {"<b>Ev&il</b>^X", "<b>Ev&il</b>, X"},
      {"^^^^", ""},
      {"", ""}};
  for (const auto& [person_name, written] : cases) {
    EXPECT_EQ(DisplayName(person_name), written) << person_name;
  }
}

TEST_F(SourceTest, PagesOfNobodyNameNobody) {
  Edit([](DcmDataset& d) {
    for (const DcmTagKey& tag : {DCM_PatientName, DCM_PatientID, DCM_AccessionNumber})
      d.putAndInsertString(tag, "");
  });
  const Result<SourceIdentity> identity = ReadSourceIdentity(made_->Analysed());
  ASSERT_TRUE(identity.ok());
  EXPECT_TRUE(identity->name.empty() && identity->patient_id.empty());
}

// What CheckHeaders says, by code: "no_study_date+uids_kept".
std::string Codes(const std::vector<Caveat>& caveats) {
  std::string codes;
  for (const Caveat& c : caveats) codes += (codes.empty() ? "" : "+") + c.code;
  return codes;
}

TEST_F(SourceTest, TextOutsideItsCharacterSetIsReadAndTold) {
  const struct {
    const char *character_set, *bytes, *on_page, *caveat;
  } cases[] = {{"ISO_IR 192", "M\xDCLLER^J\xD6RG", "MÜLLER, JÖRG", "source_text_guessed"},
               {"ISO_IR 999", "M\xFCller", "Müller", "source_text_guessed+character_set_misspelt"},
               {"ISO_IR_100", "M\xFCller", "Müller", "character_set_misspelt"},
               {"ISO_IR_100", "Mueller", "Mueller", ""},
               {"ISO_IR 100", "Müller", "Müller", "source_text_guessed"},
               {"", "\x8E\x52\x93\x63^\x91\xBE\x98\x59", "山田, 太郎", "source_text_guessed"}};
  for (const auto& c : cases) {
    Edit([&](DcmDataset& d) {
      d.putAndInsertString(DCM_SpecificCharacterSet, c.character_set);
      d.putAndInsertString(DCM_PatientName, c.bytes);
    });
    const auto checked = CheckHeaders(made_->study, made_->choice, testing::TestReportOptions());
    ASSERT_TRUE(checked.ok()) << checked.error().message();
    EXPECT_EQ(Codes(*checked), c.caveat) << c.on_page;
    for (const Caveat& caveat : *checked)
      EXPECT_EQ(caveat.text.find("ller"), std::string::npos) << "no patient data in caveats";
    EXPECT_EQ(ReadSourceIdentity(made_->Analysed())->name, c.on_page);
  }
}

TEST_F(SourceTest, ValuesThatNoObjectMayHaveAreRepairedOrLeftOutAndTold) {
  const std::string ninety(90, 'x');
  const struct {
    DcmTagKey tag;
    std::string bytes, want, caveat;
  } cases[] = {{DCM_StudyDescription, ninety, ninety.substr(0, 64), "source_value_shortened"},
               {DCM_StudyDescription, "A\\B", "A/B", ""},
               {DCM_StudyDescription, "A\r\nB\x01", "A  B", ""},
               {DCM_PatientName, ninety + "^Ann", ninety.substr(0, 64), "source_value_shortened"},
               {DCM_PatientName, "a^b^c^d^e^f^g", "a^b^c^d^e f g", ""},
               {DCM_AccessionNumber, "12345678901234567", "", "source_value_left_out"},
               {DCM_StudyID, "12345678901234567", "", "source_value_left_out"},
               {DCM_PatientSex, "female", "F", ""},
               {DCM_PatientSex, "W", "", "source_value_left_out"},
               {DCM_PatientBirthDate, "2014.05.01", "20140501", ""},
               {DCM_PatientBirthDate, "00000000", "", "source_value_left_out"},
               {DCM_StudyTime, "10:15:00", "101500", ""},
               {DCM_StudyTime, "a quarter past ten", "", "source_value_left_out"},
               {DCM_PatientWeight, "21,5", "21.5", ""},
               {DCM_PatientWeight, "heavy", "", "source_value_left_out"},
               {DCM_PatientAge, "11", "", "source_value_left_out"}};
  for (const auto& c : cases) {
    Edit([&](DcmDataset& d) {
      d.putAndInsertOFStringArray(c.tag, OFString(c.bytes.data(), c.bytes.size()));
    });
    const auto checked = CheckHeaders(made_->study, made_->choice, testing::TestReportOptions());
    ASSERT_TRUE(checked.ok()) << c.bytes << ": " << checked.error().message();
    EXPECT_EQ(Codes(*checked), c.caveat) << c.bytes;
    const auto source =
        ReadSourceModules(made_->study.series[0].frames[0].path, made_->study.study_instance_uid);
    ASSERT_TRUE(source.ok());
    OFString value;
    source->patient_and_study->findAndGetOFStringArray(c.tag, value);
    EXPECT_EQ(std::string(value.c_str()), c.want) << c.bytes;
    Edit([&](DcmDataset& d) { d.findAndDeleteElement(c.tag); });
  }
}

TEST_F(SourceTest, AnIncompleteCodeIsLeftOut) {
  Edit([](DcmDataset& d) {
    DcmItem* code = nullptr;
    d.findOrCreateSequenceItem(DCM_ProcedureCodeSequence, code, -2);
    code->putAndInsertString(DCM_CodeValue, "MRWB");
  });
  const auto checked = CheckHeaders(made_->study, made_->choice, testing::TestReportOptions());
  ASSERT_TRUE(checked.ok());
  ASSERT_EQ(Codes(*checked), "source_value_left_out");
  EXPECT_THAT(checked->front().text, HasSubstr("Procedure Code Sequence (0008,1032)"));
}

TEST_F(SourceTest, AnIdOfAnybodyElseIsNoRepair) {
  for (const std::string& id : {std::string(65, 'x'), std::string("A\\B")}) {
    Edit([&](DcmDataset& d) { d.putAndInsertString(DCM_PatientID, id.c_str()); });
    const auto checked = CheckHeaders(made_->study, made_->choice, testing::TestReportOptions());
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(checked.error().message(), HasSubstr("0001.dcm: Patient ID (0010,0020)"));
    EXPECT_EQ(checked.error().message().find("xxx"), std::string::npos);
  }
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
    series.frames[n].sop_instance_uid = study + ".02.00" + std::to_string(n + 1);
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
    EXPECT_EQ(date, "20260401") << "when it was written";
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

TEST_F(SourceTest, SegOnTheComposedGridIsTheIdentity) {
  // The source is given the very grid of the composed volume.
  made_->study.series[0].geometry = made_->composed.stir.geometry();
  const auto frames = SegFrames(made_->Analysed());
  ASSERT_TRUE(frames.ok());
  Volume<std::uint16_t> drawn(made_->composed.stir.geometry());
  for (const SegFrame& frame : *frames) {
    const auto slice = drawn.Slice(static_cast<int>(frame.slice));
    for (std::size_t n = 0; n < slice.size(); ++n) {
      if (frame.mask[n]) slice[n] = static_cast<std::uint16_t>(frame.segment);
    }
  }
  EXPECT_TRUE(std::ranges::equal(drawn.voxels(), made_->lesions.labels.voxels()));
}

TEST_F(SourceTest, AMissingSliceGetsNoSegment) {
  const std::size_t gone = SegFrames(made_->Analysed())->front().slice;
  made_->study.series[0].frames[gone].sop_instance_uid.clear();
  const auto frames = SegFrames(made_->Analysed());
  ASSERT_TRUE(frames.ok()) << frames.error().message();
  for (const SegFrame& frame : *frames) EXPECT_NE(frame.slice, gone);
}

TEST_F(SourceTest, ALesionThinnerThanASlicePixelIsStillDrawn) {
  // One voxel of the fine grid, between the centres of the coarse source pixels.
  VolumeGeometry fine = made_->composed.stir.geometry();
  std::ranges::fill(made_->lesions.labels.voxels(), std::uint16_t{0});
  made_->lesions.labels.At(20, 40, 5) = 1;
  made_->lesions.labels.At(24, 40, 5) = 2;
  SeriesInfo& source = made_->study.series[0];
  const Vec3 at = fine.patient_from_voxel({20, 40, 5});
  source.geometry.patient_from_voxel.step_i = {31, 0, 0};
  source.geometry.patient_from_voxel.origin.x = at.x - 3.5 * 31;
  const auto frames = SegFrames(made_->Analysed());
  ASSERT_TRUE(frames.ok()) << frames.error().message();
  std::set<int> segments;
  for (const SegFrame& frame : *frames) segments.insert(frame.segment);
  EXPECT_EQ(segments, (std::set<int>{1, 2}));
}

}  // namespace
}  // namespace osteon
