// SPDX-License-Identifier: GPL-3.0-or-later
// Names, identifiers and other text of the source files: character sets, repairs, what is left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/dicom/objects/source_identity.h"
#include "pipelines/dicom/objects/source_modules.h"
#include "pipelines/report/pages/pictures.h"
#include "tests/pipelines/report/source_fixture.h"

namespace osteon {
namespace {

using ::testing::HasSubstr;

using SourceTextTest = testing::SourceFixture;

TEST_F(SourceTextTest, NamesBecomeUtf8) {
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

TEST_F(SourceTextTest, PagesOfNobodyNameNobody) {
  Edit([](DcmDataset& d) {
    for (const DcmTagKey& tag : {DCM_PatientName, DCM_PatientID, DCM_AccessionNumber})
      d.putAndInsertString(tag, "");
  });
  const Result<SourceIdentity> identity = ReadSourceIdentity(made_->Analysed());
  ASSERT_TRUE(identity.ok());
  EXPECT_TRUE(identity->name.empty() && identity->patient_id.empty());
}

TEST_F(SourceTextTest, TextOutsideItsCharacterSetIsReadAndTold) {
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

TEST_F(SourceTextTest, ValuesThatNoObjectMayHaveAreRepairedOrLeftOutAndTold) {
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

TEST_F(SourceTextTest, AnIncompleteCodeIsLeftOut) {
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

TEST_F(SourceTextTest, AnIdOfAnybodyElseIsNoRepair) {
  for (const std::string& id : {std::string(65, 'x'), std::string("A\\B")}) {
    Edit([&](DcmDataset& d) { d.putAndInsertString(DCM_PatientID, id.c_str()); });
    const auto checked = CheckHeaders(made_->study, made_->choice, testing::TestReportOptions());
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(checked.error().message(), HasSubstr("0001.dcm: Patient ID (0010,0020)"));
    EXPECT_EQ(checked.error().message().find("xxx"), std::string::npos);
  }
}

}  // namespace
}  // namespace osteon
