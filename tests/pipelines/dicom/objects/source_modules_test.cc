// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/objects/source_modules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pipelines/dicom/mr_files.h"

namespace osteon {
namespace {

using ::testing::HasSubstr;
using testing::SeriesSpec;
using testing::TempFolder;

using Edit = std::function<void(DcmDataset&)>;

void Put(DcmItem& item, const DcmTagKey& tag, const char* value) {
  item.putAndInsertString(tag, value);
}

// The modules of one slice, after `edit`.
Result<SourceModules> ModulesOf(const Edit& edit) {
  const TempFolder folder;
  SeriesSpec spec;
  spec.slices = 1;
  WriteSeries(folder.path(), spec, [&](DcmDataset& dataset, int) {
    edit(dataset);
    return true;
  });
  return ReadSourceModules(SlicePath(folder.path(), spec, 0), spec.study_uid);
}

std::string Value(DcmItem& item, const DcmTagKey& tag) {
  OFString value;
  return item.findAndGetOFStringArray(tag, value).good() ? value.c_str() : "";
}

TEST(SourceModules, DateAndTimeBelongTogether) {
  const struct {
    const char* what;
    const char *acquisition_date, *acquisition_time, *series_date, *series_time, *study_date,
        *study_time;
    const char *date, *time;
  } cases[] = {
      {"acquisition", "20260312", "101500", "20260311", "090000", "20260310", "080000", "20260312",
       "101500"},
      {"no acquisition", "", "", "20260311", "090000", "20260310", "080000", "20260311", "090000"},
      {"acquisition without a time", "20260312", "", "20260311", "090000", "", "", "20260311",
       "090000"},
      {"a date alone", "20260312", "", "", "", "", "", "20260312", ""},
      {"the study's", "", "", "", "", "20260310", "080000", "20260310", "080000"},
      {"an old form", "2026.03.12", "10:15:00", "", "", "", "", "20260312", "101500"},
      {"no date", "spring", "101500", "", "", "", "", "", ""},
      {"none", "", "", "", "", "", "", "", ""}};
  for (const auto& c : cases) {
    const auto modules = ModulesOf([&](DcmDataset& d) {
      Put(d, DCM_AcquisitionDate, c.acquisition_date);
      Put(d, DCM_AcquisitionTime, c.acquisition_time);
      Put(d, DCM_SeriesDate, c.series_date);
      Put(d, DCM_SeriesTime, c.series_time);
      Put(d, DCM_ContentDate, "");
      Put(d, DCM_ContentTime, "");
      Put(d, DCM_StudyDate, c.study_date);
      Put(d, DCM_StudyTime, c.study_time);
    });
    ASSERT_TRUE(modules.ok()) << c.what << ": " << modules.error().message();
    EXPECT_EQ(modules->date, c.date) << c.what;
    EXPECT_EQ(modules->time, c.time) << c.what;
  }
}

TEST(SourceModules, RefuseWhatWouldBeAnotherPatientOrStudy) {
  const struct {
    const char* what;
    Edit edit;
    const char* message;
  } cases[] = {
      {"no patient",
       [](DcmDataset& d) {
         d.findAndDeleteElement(DCM_PatientID);
         d.findAndDeleteElement(DCM_PatientName);
       },
       "Patient module missing"},
      {"no study", [](DcmDataset& d) { d.findAndDeleteElement(DCM_StudyInstanceUID); },
       "no Study Instance UID (0020,000D)"},
      {"another study", [](DcmDataset& d) { Put(d, DCM_StudyInstanceUID, "1.2.3"); },
       "Study Instance UID is 1.2.3, not "},
      {"an ID too long", [](DcmDataset& d) { Put(d, DCM_PatientID, std::string(65, '7').c_str()); },
       "Patient ID (0010,0020) has 65 characters where DICOM allows 64"},
      {"several IDs", [](DcmDataset& d) { Put(d, DCM_PatientID, "A\\B"); },
       "Patient ID (0010,0020) has several values"}};
  for (const auto& c : cases) {
    const auto modules = ModulesOf(c.edit);
    ASSERT_FALSE(modules.ok()) << c.what;
    EXPECT_EQ(modules.error().code(), ErrorCode::kInvalidInput) << c.what;
    EXPECT_THAT(modules.error().message(), HasSubstr(c.message)) << c.what;
  }
}

TEST(SourceModules, TextIsUtf8AndTypeTwoIsThere) {
  auto modules = ModulesOf([](DcmDataset& d) {
    Put(d, DCM_SpecificCharacterSet, "ISO_IR 100");
    Put(d, DCM_PatientName, "M\xfcller^Anna");
    Put(d, DCM_PatientID, " 0815 ");
    d.findAndDeleteElement(DCM_AccessionNumber);
    d.findAndDeleteElement(DCM_StudyID);
    Put(d, DCM_PositionReferenceIndicator, "SN");
  });
  ASSERT_TRUE(modules.ok());
  EXPECT_EQ(modules->position_reference_indicator, "SN");
  DcmDataset object;
  PutPatientAndStudy(object, *modules);
  EXPECT_EQ(Value(object, DCM_SpecificCharacterSet), "ISO_IR 192");
  EXPECT_EQ(Value(object, DCM_PatientName), "M\xc3\xbcller^Anna");
  EXPECT_THAT(Value(object, DCM_PatientID), HasSubstr("0815"));
  for (const DcmTagKey& tag : {DCM_AccessionNumber, DCM_StudyID, DCM_ReferringPhysicianName})
    EXPECT_TRUE(object.tagExists(tag)) << tag.toString();
  EXPECT_FALSE(object.tagExists(DCM_SeriesInstanceUID)) << "nothing of the series is copied";
}

TEST(SourceModules, RequestsAreThoseOfTheOrderCompleted) {
  auto none = ModulesOf([](DcmDataset&) {});
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->requests->tagExists(DCM_ReferencedRequestSequence));

  auto modules = ModulesOf([](DcmDataset& d) {
    Put(d, DCM_AccessionNumber, "ACC7");
    for (const char* id : {"RP1", "RP2"}) {
      DcmItem* item = nullptr;
      d.findOrCreateSequenceItem(DCM_RequestAttributesSequence, item, -2);
      Put(*item, DCM_RequestedProcedureID, id);
    }
  });
  ASSERT_TRUE(modules.ok());
  for (long n = 0; n < 2; ++n) {
    DcmItem* item = nullptr;
    ASSERT_TRUE(
        modules->requests->findAndGetSequenceItem(DCM_ReferencedRequestSequence, item, n).good());
    EXPECT_EQ(Value(*item, DCM_RequestedProcedureID), n == 0 ? "RP1" : "RP2");
    EXPECT_EQ(Value(*item, DCM_AccessionNumber), "ACC7") << "from the instance";
    EXPECT_TRUE(item->tagExists(DCM_PlacerOrderNumberImagingServiceRequest)) << "type 2";
    EXPECT_TRUE(item->tagExists(DCM_RequestedProcedureCodeSequence)) << "type 2";
  }
}

TEST(SourceModules, WhatIsRepairedIsSaidByAttributeOnly) {
  const auto modules = ModulesOf([](DcmDataset& d) {
    Put(d, DCM_PatientBirthDate, "12. March");
    Put(d, DCM_StudyDescription, std::string(80, 'x').c_str());
  });
  ASSERT_TRUE(modules.ok());
  std::vector<std::string> codes;
  for (const Caveat& caveat : modules->caveats) {
    codes.push_back(caveat.code);
    EXPECT_EQ(caveat.text.find("March"), std::string::npos) << caveat.text;
  }
  EXPECT_THAT(codes,
              ::testing::UnorderedElementsAre("source_value_shortened", "source_value_left_out"));
}

}  // namespace
}  // namespace osteon
