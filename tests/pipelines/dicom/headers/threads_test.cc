// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "pipelines/dicom/headers/study_reader.h"
#include "tests/pipelines/dicom/mr_files.h"

namespace osteon {
namespace {

using ::testing::HasSubstr;
using testing::SeriesSpec;
using testing::TempFolder;
using testing::WriteSeries;

TEST(ReadStudy, DoesNotDependOnTheNumberOfThreads) {
  TempFolder folder;
  const auto series = [](int number) {
    SeriesSpec spec;
    spec.slices = 20;
    spec.series_number = number;
    return spec;
  };
  for (int n = 1; n <= 5; ++n) WriteSeries(folder.path(), series(n));
  const auto read = [&](int threads) {
    ReadOptions options;
    options.threads = threads;
    RunContext run;
    const auto study = ReadStudy(folder.path(), options, run);
    if (!study) return study.error().message();
    std::string text;
    for (const SeriesInfo& s : study->series)
      for (const FrameSource& f : s.frames) text += f.path.string() + "\n";
    for (const auto& out : study->left_out) text += out.what + ": " + out.reason + "\n";
    return text;
  };
  const std::string one = read(1);
  for (const int threads : {2, 3, 200}) EXPECT_EQ(read(threads), one) << threads;
  // Of two faults the first is told.
  for (const int n : {2, 4})
    std::filesystem::resize_file(testing::SlicePath(folder.path(), series(n), 6), 200);
  const std::string fault = read(1);
  EXPECT_THAT(fault, HasSubstr("s2/0007.dcm"));
  for (int n = 0; n < 20; ++n) EXPECT_EQ(read(1 + n % 4), fault);
}

}  // namespace
}  // namespace osteon
