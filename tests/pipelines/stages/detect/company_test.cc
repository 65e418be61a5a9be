// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/company.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osteon {
namespace {

TEST(Company, IsTheNumberOfSureLesionsElsewhere) {
  constexpr MarkAlone kSure{3.0, false}, kDoubtful{0.5, false}, kNormal{3.0, true};
  struct Case {
    const char* what;
    std::vector<MarkAlone> marks;
    std::vector<int> company;
  };
  for (const Case& c : {
           Case{"no marks", {}, {}},
           Case{"a sure one is no company to itself", {kSure}, {0}},
           Case{"doubtful ones are none", {kDoubtful, kDoubtful}, {0, 0}},
           Case{"what a rule calls normal is none, though it has some", {kNormal, kSure}, {1, 0}},
           Case{"a sure one has one less", {kSure, kSure, kDoubtful}, {1, 1, 2}},
           Case{"many count as three", {kSure, kSure, kSure, kSure, kDoubtful}, {3, 3, 3, 3, 3}},
       })
    EXPECT_THAT(CompanyOf(c.marks), ::testing::ElementsAreArray(c.company)) << c.what;
}

}  // namespace
}  // namespace osteon
