// SPDX-License-Identifier: GPL-3.0-or-later
// Reads what the SR writer wrote and compares the values.
#include "pipelines/dicom/prior/prior_reader.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "pipelines/dicom/documents.h"
#include "pipelines/model/measures.h"
#include "pipelines/report/pages/pictures.h"
#include "pipelines/report/text.h"
#include "tests/pipelines/report/report_case.h"

namespace osteon {
namespace {

namespace fs = std::filesystem;
using testing::CaseOptions;
using testing::ReportCase;

// Sets one attribute of a file: "(0010,0020)=X".
void Modify(const fs::path& file, const std::string& change) {
  const std::string command =
      "dcmodify -nb -i '" + change + "' '" + file.string() + "' > /dev/null 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

class PriorReader : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / fmt::format("osteon_prior_test_{}", getpid());
    fs::create_directories(root_ / "prior");
  }
  void TearDown() override { fs::remove_all(root_); }

  // Writes source images and the SR of a case; the study in the answer is a later one of the same
  // patient.
  ReportCase Write(const CaseOptions& options,
                   const ReportOptions& report = testing::TestReportOptions(),
                   const char* file = "sr.dcm") {
    Result<ReportCase> made = testing::MakeReportCase(root_ / "source", options);
    EXPECT_TRUE(made.ok()) << made.error().message();
    const AnalysedStudy analysed = made->Analysed();
    const ReportText text = WriteText(analysed.findings, report);
    const Result<ReportPictures> pictures = DrawPictures(analysed, text, report, {});
    EXPECT_TRUE(pictures.ok());
    const Result<std::vector<Document>> documents =
        WriteDocuments(analysed, text, *pictures, report);
    EXPECT_TRUE(documents.ok()) << documents.error().message();
    std::ofstream(root_ / "prior" / file, std::ios::binary) << documents->back().bytes;
    then_ = made->study.study_instance_uid;
    made->study.study_instance_uid = "2.25.4711";
    made->study.study_date = "29990101";
    return std::move(*made);
  }

  fs::path root_;
  std::string then_;
};

void ExpectSame(const Lesion& read, const Lesion& written) {
  EXPECT_EQ(read.tracking_uid, written.tracking_uid);
  EXPECT_EQ(read.tracking_id, written.tracking_id);
  EXPECT_EQ(read.unit, written.unit);
  EXPECT_EQ(SideOf(read), SideOf(written));
  EXPECT_EQ(read.judgement, written.judgement);
  // The text does not repeat what the site says.
  const bool of_site =
      written.segment == Segment::kFlatBone || written.segment == Segment::kVertebra;
  EXPECT_TRUE(of_site || read.segment == written.segment);
  EXPECT_EQ(read.physis, written.physis);
  for (const LesionMeasure& measure : LesionMeasures()) {
    const Measured a = measure.value(read), b = measure.value(written);
    if (measure.in_sr == InSr::kNot) continue;
    ASSERT_EQ(a.value.has_value(), b.value.has_value()) << measure.key;
    if (b.value) {
      EXPECT_NEAR(*a.value, *b.value, 1e-4 * std::abs(*b.value) + 1e-9) << measure.key;
    } else {
      EXPECT_FALSE(a.not_assessed.empty()) << measure.key;
    }
  }
}

TEST_F(PriorReader, EveryNumberComesBack) {
  const ReportCase made = Write({});
  RunContext run;
  const auto prior = ReadPriorReport(root_ / "prior", made.study, run);
  ASSERT_TRUE(prior.ok()) << prior.error().message();
  ASSERT_TRUE(prior->has_value());
  const PriorReport& p = **prior;
  EXPECT_EQ(p.reference.study_instance_uid, then_);
  EXPECT_FALSE(p.reference.sr_sop_instance_uid.empty());
  ASSERT_EQ(p.lesions.size(), made.findings.lesions.size());
  ASSERT_GT(p.lesions.size(), 3u);
  for (std::size_t n = 0; n < p.lesions.size(); ++n) {
    SCOPED_TRACE(n);
    ExpectSame(p.lesions[n], made.findings.lesions[n]);
    EXPECT_NEAR(Norm(p.lesions[n].centroid_mm - made.findings.lesions[n].centroid_mm), 0, 0.02);
  }
  ASSERT_EQ(p.other_marks.size(), made.findings.other_marks.size());
  for (std::size_t n = 0; n < p.other_marks.size(); ++n)
    ExpectSame(p.other_marks[n], made.findings.other_marks[n]);
  EXPECT_EQ(p.not_imaged, made.findings.not_imaged);
  const Technique &then = p.technique, &wrote = made.findings.technique;
  EXPECT_EQ(then.contrast, wrote.contrast);
  EXPECT_EQ(then.field_strength_t, wrote.field_strength_t);
  EXPECT_EQ(then.echo_time_ms, wrote.echo_time_ms);
  EXPECT_EQ(then.repetition_time_ms, wrote.repetition_time_ms);
  EXPECT_EQ(then.inversion_time_ms, wrote.inversion_time_ms);
  EXPECT_EQ(then.spacing_mm.z, wrote.spacing_mm.z);
  EXPECT_EQ(p.frame_of_reference_uid, made.composed.stir.geometry().frame_of_reference_uid);
  EXPECT_EQ(p.pipeline.version, testing::TestReportOptions().pipeline.version);
  EXPECT_EQ(p.pipeline.hash, testing::TestReportOptions().pipeline.hash);
}

TEST_F(PriorReader, EverySrClassAndLanguageCanBeRead) {
  for (const SrClass sr_class :
       {SrClass::kComprehensive3d, SrClass::kComprehensive, SrClass::kEnhanced}) {
    ReportOptions report = testing::TestReportOptions();
    report.sr_class = sr_class;
    report.language = Language::kGerman;
    const ReportCase made = Write({}, report);
    RunContext run;
    const auto prior = ReadPriorReport(root_ / "prior", made.study, run);
    ASSERT_TRUE(prior.ok() && prior->has_value()) << Name(sr_class);
    ASSERT_EQ((*prior)->lesions.size(), made.findings.lesions.size()) << Name(sr_class);
    for (std::size_t n = 0; n < made.findings.lesions.size(); ++n) {
      ExpectSame((*prior)->lesions[n], made.findings.lesions[n]);
      const Vec3 place = made.findings.lesions[n].centroid_mm;
      EXPECT_NEAR(Norm((*prior)->lesions[n].centroid_mm - place), 0, 0.02) << Name(sr_class);
      ASSERT_TRUE((*prior)->lesions[n].prior_centroid_mm) << Name(sr_class);
      EXPECT_EQ(*(*prior)->lesions[n].prior_centroid_mm, (*prior)->lesions[n].centroid_mm);
    }
  }
}

// data/sr-earlier-form.dcm.gz: written by report_write_case with "prior=1 lesions=3 voxel=6" when
// what was not measured still was a NUM without value, classes were words and all groups stood in
// Imaging Measurements. PACS keep such reports.
TEST_F(PriorReader, AReportOfTheEarlierFormReadsAsOneOfToday) {
  CaseOptions options;
  options.prior = true;
  options.lesions = 3;
  options.voxel_mm = 6;
  const ReportCase made = Write(options);
  RunContext run;
  const auto today = ReadPriorReport(root_ / "prior", made.study, run);
  const char* source = std::getenv("OSTEON_SOURCE_DIR");
  ASSERT_NE(source, nullptr);
  const std::string command = "gzip -dc '" + std::string(source) +
                              "/tests/pipelines/report/data/sr-earlier-form.dcm.gz' > '" +
                              (root_ / "prior/sr.dcm").string() + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const auto earlier = ReadPriorReport(root_ / "prior", made.study, run);
  ASSERT_TRUE(today.ok() && today->has_value());
  ASSERT_TRUE(earlier.ok() && earlier->has_value());
  const PriorReport &a = **today, &b = **earlier;
  ASSERT_EQ(a.lesions.size(), 2u);
  ASSERT_EQ(b.lesions.size(), 2u);
  for (std::size_t n = 0; n < 2; ++n) {
    Lesion wrote = made.findings.lesions[n], today_read = a.lesions[n];
    // The kept file has other courses.
    wrote.prior_volume_ml = today_read.prior_volume_ml = b.lesions[n].prior_volume_ml;
    ExpectSame(b.lesions[n], wrote);
    ExpectSame(today_read, b.lesions[n]);
    EXPECT_EQ(Norm(a.lesions[n].centroid_mm - b.lesions[n].centroid_mm), 0);
  }
  ASSERT_EQ(a.other_marks.size(), 1u);
  ASSERT_EQ(b.other_marks.size(), 1u);
  ExpectSame(b.other_marks[0], made.findings.other_marks[0]);
  EXPECT_EQ(b.lesions[0].t1_to_muscle.not_assessed, "no T1 series");
  EXPECT_EQ(a.not_imaged, b.not_imaged);
  EXPECT_EQ(a.technique.echo_time_ms, b.technique.echo_time_ms);
  EXPECT_EQ(a.technique.contrast, b.technique.contrast);
  EXPECT_EQ(a.frame_of_reference_uid, b.frame_of_reference_uid);
}

TEST_F(PriorReader, LesionsThatWereGoneThenAreNotLesionsThen) {
  CaseOptions options;
  options.prior = true;
  const ReportCase made = Write(options);
  RunContext run;
  const auto prior = ReadPriorReport(root_ / "prior", made.study, run);
  ASSERT_TRUE(prior.ok() && prior->has_value());
  EXPECT_EQ((*prior)->lesions.size(), made.findings.lesions.size());
}

TEST_F(PriorReader, WhatCannotBeComparedGetsItsCaveat) {
  struct Case {
    const char* caveat;
    void (*spoil)(ReportCase&, const fs::path& prior, const std::string& then);
  };
  const Case cases[] = {
      {"prior_later_study",
       [](ReportCase& c, const fs::path&, const std::string&) { c.study.study_date = "19000101"; }},
      {"prior_undated",
       [](ReportCase& c, const fs::path&, const std::string&) { c.study.study_date.clear(); }},
      {"prior_undated", [](ReportCase&, const fs::path& prior,
                           const std::string&) { Modify(prior / "sr.dcm", "(0008,0020)="); }},
      {"prior_undated",
       [](ReportCase&, const fs::path& prior, const std::string&) {
         Modify(prior / "sr.dcm", "(0008,0020)=XXXXXXXX");
       }},
      {"prior_unreadable", [](ReportCase&, const fs::path& prior,
                              const std::string&) { fs::remove(prior / "sr.dcm"); }},
      {"prior_unreadable", [](ReportCase&, const fs::path& prior,
                              const std::string&) { fs::resize_file(prior / "sr.dcm", 900); }},
      {"prior_unreadable",
       [](ReportCase&, const fs::path& prior, const std::string&) {
         std::ofstream(prior / "sr.dcm") << "no DICOM";
       }},
  };
  for (const Case& c : cases) {
    ReportCase made = Write({.lesions = 1, .voxel_mm = 8});
    c.spoil(made, root_ / "prior", then_);
    RunContext run;
    const auto prior = ReadPriorReport(root_ / "prior", made.study, run);
    ASSERT_TRUE(prior.ok()) << c.caveat;
    EXPECT_FALSE(prior->has_value()) << c.caveat;
    ASSERT_EQ(run.caveats().size(), 1u) << c.caveat;
    EXPECT_EQ(run.caveats()[0].code, c.caveat);
  }
}

TEST_F(PriorReader, AReportOfTheSameStudyIsSupersededAndNotCompared) {
  ReportCase made = Write({});
  made.study.study_instance_uid = then_;
  RunContext run;
  const auto prior = ReadPriorReport(root_ / "prior", made.study, run);
  ASSERT_TRUE(prior.ok());
  EXPECT_FALSE(prior->has_value());
  EXPECT_TRUE(run.caveats().empty());
  const auto before = FindPredecessors(root_ / "prior", made.study, "another fingerprint", run);
  ASSERT_TRUE(before.ok());
  ASSERT_EQ(before->size(), 1u);
  EXPECT_EQ(before->front().study_instance_uid, then_);
  const std::string own = testing::TestReportOptions().fingerprint;
  const auto itself = FindPredecessors(root_ / "prior", made.study, own, run);
  ASSERT_TRUE(itself.ok());
  EXPECT_TRUE(itself->empty()) << "a repeat does not supersede itself";
}

TEST_F(PriorReader, AnotherPatientsReportIsNotCompared) {
  struct Case {
    const char* what;
    std::vector<const char*> now, then;  // Changes to the images and to the prior SR.
    const char* caveat;                  // "" when it is compared with.
  };
  const Case cases[] = {
      {"another ID", {"(0010,0020)=SOMEBODY-ELSE"}, {}, "prior_other_patient"},
      {"another birth date", {"(0010,0030)=20140502"}, {}, "prior_other_patient"},
      {"no ID in either", {"(0010,0020)="}, {"(0010,0020)="}, "prior_patient_unsure"},
      {"a placeholder in both", {"(0010,0020)=ANON"}, {"(0010,0020)=ANON"}, "prior_patient_unsure"},
      {"no ID in one", {"(0010,0020)="}, {}, "prior_patient_unsure"},
      {"a name and no birth date", {"(0010,0030)="}, {}, ""},
      {"an ID alone", {"(0010,0030)=", "(0010,0010)="}, {}, "prior_patient_unsure"},
      {"a corrected name", {"(0010,0010)=Test^Corrected"}, {}, ""},
      {"another sex", {"(0010,0040)=M"}, {}, "prior_patient_unsure"},
      {"other issuers",
       {"(0010,0021)=A", "(0010,0030)="},
       {"(0010,0021)=B"},
       "prior_other_patient"},
      {"other issuers by their qualifiers",
       {"(0010,0024)[0].(0040,0032)=1.2.3", "(0010,0030)="},
       {"(0010,0024)[0].(0040,0032)=1.2.4"},
       "prior_other_patient"},
      {"one issuer", {"(0010,0021)=A", "(0010,0030)=", "(0010,0010)="}, {"(0010,0021)=A"}, ""}};
  const ReportCase made = Write({.lesions = 1, .voxel_mm = 8, .patient_name = "Doe^Ann"});
  const fs::path image = made.study.series.front().frames.front().path;
  const fs::path report = root_ / "prior" / "sr.dcm";
  fs::copy_file(image, root_ / "image");
  fs::copy_file(report, root_ / "report");
  for (const Case& c : cases) {
    fs::copy_file(root_ / "image", image, fs::copy_options::overwrite_existing);
    fs::copy_file(root_ / "report", report, fs::copy_options::overwrite_existing);
    for (const char* change : c.now) Modify(image, change);
    for (const char* change : c.then) Modify(report, change);
    RunContext run;
    const auto prior = ReadPriorReport(root_ / "prior", made.study, run);
    ASSERT_TRUE(prior.ok()) << c.what;
    EXPECT_EQ(prior->has_value(), !*c.caveat) << c.what;
    if (!*c.caveat) continue;
    ASSERT_EQ(run.caveats().size(), 1u) << c.what;
    EXPECT_EQ(run.caveats()[0].code, c.caveat) << c.what;
    EXPECT_EQ(run.caveats()[0].text.find("SOMEBODY"), std::string::npos)
        << "no patient data in caveats";
  }
}

TEST_F(PriorReader, AStudyThatCouldNotBeEvaluatedIsNoPrior) {
  CaseOptions options;
  options.evaluable = false;
  const ReportCase made = Write(options);
  RunContext run;
  const auto prior = ReadPriorReport(root_ / "prior", made.study, run);
  ASSERT_TRUE(prior.ok());
  EXPECT_FALSE(prior->has_value());
  ASSERT_FALSE(run.caveats().empty());
  EXPECT_EQ(run.caveats()[0].code, "prior_not_evaluable");
}

TEST_F(PriorReader, AMissingFolderIsAnError) {
  RunContext run;
  const auto prior = ReadPriorReport(root_ / "nowhere", Study{}, run);
  ASSERT_FALSE(prior.ok());
  EXPECT_EQ(prior.error().code(), ErrorCode::kInvalidInput);
}

}  // namespace
}  // namespace osteon
