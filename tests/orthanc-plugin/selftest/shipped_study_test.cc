// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/selftest/shipped_study.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace osteon::plugin {
namespace {

TEST(ShippedStudy, IsASmallOneOfTheSelftestsPatientWithLesions) {
  const PackedStudy& study = ShippedStudy();
  EXPECT_GT(study.files.size(), 20U);
  std::size_t bytes = 0;
  for (const std::string_view file : study.files) {
    bytes += file.size();
    EXPECT_EQ(file.substr(128, 4), "DICM");
    EXPECT_NE(file.find(study.study_uid), file.npos);
    EXPECT_NE(file.find("OSTEON-SELFTEST"), file.npos);
  }
  EXPECT_LT(bytes, 6'000'000U);
  EXPECT_GE(std::count_if(study.lesions.begin(), study.lesions.end(),
                          [](const DrawnLesion& lesion) { return lesion.required; }),
            4);
}

}  // namespace
}  // namespace osteon::plugin
