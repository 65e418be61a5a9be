// SPDX-License-Identifier: GPL-3.0-or-later
// No series of a real scanner that is not a whole body may be taken for one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "pipelines/dicom/headers/study_reader.h"
#include "pipelines/selection/choose.h"

namespace osteon {
namespace {

namespace fs = std::filesystem;

TEST(ChooseSeries, TakesNoRealHeadForAWholeBody) {
  const char* shared = std::getenv("OSTEON_SHARED");
  const fs::path real = shared != nullptr ? fs::path(shared) / "real-dicom" : fs::path();
  if (!fs::is_directory(real)) GTEST_SKIP() << "no data: OSTEON_SHARED has no real-dicom";
  for (const char* name : {"supine", "left-decubitus", "multi-frame-agfa", "siemens-epi"}) {
    RunContext run;
    const auto study = ReadStudy(real / name, {}, run);
    ASSERT_TRUE(study) << name << ": " << study.error().message();
    const Selection selection = ChooseSeries(*study, {});
    EXPECT_EQ(selection.eligibility, Eligibility::kNotWholeBody) << name;
    EXPECT_TRUE(selection.reason.starts_with("not a whole-body MRI: ")) << selection.reason;
    EXPECT_EQ(selection.choice.reasons.size(), study->series.size()) << name;
  }
}

}  // namespace
}  // namespace osteon
