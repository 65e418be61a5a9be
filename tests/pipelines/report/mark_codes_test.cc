// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/sr/mark_codes.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace osteon {
namespace {

TEST(MarkCodes, EveryWordOfAClosedSetHasACodeOfItsOwn) {
  std::set<std::string> segments, relations, classes;
  for (int n = 0; n <= static_cast<int>(Segment::kVertebra); ++n)
    segments.insert(std::string(CodeOf(static_cast<Segment>(n)).value));
  for (int n = 0; n <= static_cast<int>(PhysisRelation::kRemote); ++n)
    relations.insert(std::string(CodeOf(static_cast<PhysisRelation>(n)).value));
  for (int n = 0; n <= static_cast<int>(LesionClass::kNormalVariant); ++n)
    classes.insert(std::string(CodeOf(static_cast<LesionClass>(n)).value));
  EXPECT_EQ(segments.size(), 8u);
  EXPECT_EQ(relations.size(), 5u);
  EXPECT_EQ(classes.size(), 3u);
}

}  // namespace
}  // namespace osteon
