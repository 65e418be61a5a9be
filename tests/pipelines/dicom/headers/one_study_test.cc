// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "pipelines/dicom/headers/study_reader.h"
#include "tests/pipelines/dicom/mr_files.h"

namespace osteon {
namespace {

using ::testing::IsEmpty;
using testing::SeriesSpec;
using ::testing::SizeIs;
using testing::TempFolder;
using testing::WriteSeries;

TEST(ReadStudy, TakesTheOneStudyThatIsAskedForFromAmongOthers) {
  TempFolder folder;
  WriteSeries(folder.path(), {});
  SeriesSpec other;
  other.study_uid = "1.2.826.0.1.7";
  other.series_uid = "1.2.826.0.1.7.1";
  other.series_number = 3;
  WriteSeries(folder.path(), other);
  std::ofstream(folder.path() / "findings.json") << "{}";
  for (const auto& [uid, series] :
       {std::pair{"1.2.826.0.1.7", 1U}, {"1.2.826.0.1.1", 1U}, {"1.2.826.0.1.9", 0U}}) {
    ReadOptions options;
    options.only_study = uid;
    RunContext run;
    const auto study = ReadStudy(folder.path(), options, run);
    ASSERT_TRUE(study) << study.error().message();
    EXPECT_THAT(study->series, SizeIs(series)) << uid;
    EXPECT_EQ(study->study_instance_uid, series ? uid : "");
    EXPECT_THAT(study->left_out, IsEmpty());
  }
}

}  // namespace
}  // namespace osteon
