// SPDX-License-Identifier: GPL-3.0-or-later
// A report case whose source files a test may change.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dctk.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/dicom/documents.h"
#include "pipelines/report/text.h"
#include "tests/pipelines/report/report_case.h"

namespace osteon::testing {

class SourceFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    made_.emplace(MakeReportCase(folder_, {.lesions = 2, .voxel_mm = 8}).value());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Changes the instance that the modules are read from.
  template <typename Change>
  void Edit(Change change) {
    const std::filesystem::path path = made_->study.series[0].frames[0].path;
    DcmFileFormat file;
    ASSERT_TRUE(file.loadFile(path.c_str()).good());
    change(*file.getDataset());
    ASSERT_TRUE(file.saveFile(path.c_str()).good());
  }
  Result<std::vector<Document>> Write() const {
    const ReportOptions options = TestReportOptions();
    return WriteDocuments(made_->Analysed(), WriteText(made_->findings, options), {}, options);
  }
  void ExpectRefused(const std::string& words) const {
    const auto written = Write();
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(written.error().message(), ::testing::HasSubstr(words));
  }
  // The codes of CheckHeaders' caveats: "no_study_date+uids_kept".
  static std::string Codes(const std::vector<Caveat>& caveats) {
    std::string codes;
    for (const Caveat& c : caveats) codes += (codes.empty() ? "" : "+") + c.code;
    return codes;
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

  std::filesystem::path folder_;
  std::optional<ReportCase> made_;
};

}  // namespace osteon::testing
