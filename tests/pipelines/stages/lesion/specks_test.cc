// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/stages/lesion/characterise.h"
#include "tests/pipelines/stages/lesion_scene.h"

namespace osteon {
namespace {

using testing::Ball;
using testing::Rod;
using testing::Scene;

TEST(Specks, AreNotListedOneByOne) {
  Scene scene(testing::Grid(140, 110, 60, {1.2, 1.2, 1.2}));
  scene.AddBone("femur_distal_right", Rod({-40, 0, 0}, 15, 60, -60), 60, -60, {-40, 0, 0});
  scene.AddBone("femur_distal_left", Rod({40, 0, 0}, 15, 60, -60), 60, -60, {40, 0, 0});
  scene.AddLesion("femur_distal_left", Ball({40, 0, 30}, 3));  // 0.1 ml
  scene.AddLesion("femur_distal_left", Ball({40, 0, -40}, 6));
  for (Candidate& candidate : scene.map.candidates)
    candidate.judgement = LesionClass::kNormalVariant;
  scene.AddLesion("femur_distal_right", Ball({-40, 0, 0}, 3));
  scene.map.candidates.back().judgement = LesionClass::kIndeterminate;
  const Findings f = scene.Characterised();
  EXPECT_EQ(f.other_marks.size(), 2u) << "the large one, and what is indeterminate at any size";
  ASSERT_EQ(f.caveats.size(), 1u);
  EXPECT_EQ(f.caveats[0].code, "specks_not_listed");
  EXPECT_THAT(f.caveats[0].text, ::testing::EndsWith(": 1."));
}

}  // namespace
}  // namespace osteon
