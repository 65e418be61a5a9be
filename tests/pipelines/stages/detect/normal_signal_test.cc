// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/normal_signal.h"

#include <gtest/gtest.h>

namespace osteon {
namespace {

// A lesion in the middle of a bone: half of the way to fluid, far from plates and joints, only on
// this side.
std::map<std::string, double> Lesion() {
  return {{"stir_position", 0.5}, {"stir_over_muscle", 3.5}, {"core_position", 0.6},
          {"in_bone", 0.9},       {"asymmetry", 0.5},        {"joint_mm", 99},
          {"surface_mm", 15},     {"physis_far_mm", 99}};
}

TEST(WhyNormal, FewRulesEachWithItsLimit) {
  struct Case {
    const char* what;
    const char* unit;
    std::map<std::string, double> other;  // Instead of those of Lesion().
    bool normal;
  };
  for (const Case& c : {
           Case{"a lesion", "femur_distal_left", {}, false},
           Case{"grade 0", "tibia_proximal_left", {{"stir_position", 0.14}}, true},
           Case{"just grade 1", "tibia_proximal_left", {{"stir_position", 0.16}}, false},
           Case{"1.2 x muscle", "tibia_proximal_left", {{"stir_over_muscle", 1.2}}, true},
           Case{"a small spot, diluted at its edge",
                "tibia_proximal_left",
                {{"stir_over_muscle", 1.6}, {"contrast", 5.4}},
                false},
           Case{"red marrow with a blurred border",
                "tibia_proximal_left",
                {{"stir_over_muscle", 1.6}, {"contrast", 1.6}},
                true},
           Case{"without a muscle anchor", "femur_distal_left", {{"stir_over_muscle", -1}}, false},
           Case{"fluid in front of a knee",
                "patella_left",
                {{"core_position", 0.95}, {"in_bone", 0.2}},
                true},
           Case{"a large effusion named patella", "patella_left", {{"core_position", 0.94}}, true},
           Case{"a lesion of the patella", "patella_left", {}, false},
           Case{"fluid between two bones",
                "tibia_proximal_left",
                {{"core_position", 0.95}, {"joint_mm", 5}},
                true},
           Case{"reaches from the joint into marrow",
                "tibia_proximal_left",
                {{"core_position", 0.95}, {"joint_mm", 8}},
                false},
           Case{"as bright as fluid within bone",
                "femur_distal_left",
                {{"core_position", 0.95}, {"in_bone", 0.8}},
                false},
           Case{"both sacro-iliac rims", "sacrum", {{"joint_mm", 6}, {"asymmetry", 0.1}}, true},
           Case{"the rim of one side", "sacrum", {{"joint_mm", 6}, {"asymmetry", 0.4}}, false},
           Case{"deeper than a rim", "ilium_left", {{"joint_mm", 14}, {"asymmetry", 0.1}}, false},
           Case{"a bright rim",
                "ilium_left",
                {{"joint_mm", 6}, {"asymmetry", 0.1}, {"stir_position", 0.7}},
                false},
           Case{"iliac crest", "ilium_left", {{"surface_mm", 6}, {"asymmetry", 0.1}}, true},
           Case{"as thin, in a tibia",
                "tibia_proximal_left",
                {{"surface_mm", 6}, {"asymmetry", 0.1}},
                false},
           Case{"beside both plates",
                "tibia_proximal_left",
                {{"physis_far_mm", 7}, {"asymmetry", 0.1}},
                true},
           Case{"beside one plate",
                "tibia_proximal_left",
                {{"physis_far_mm", 7}, {"asymmetry", 0.5}},
                false},
           Case{"deep into the metaphysis",
                "tibia_proximal_left",
                {{"physis_far_mm", 20}, {"asymmetry", 0.1}},
                false},
       }) {
    auto features = Lesion();
    for (const auto& [name, value] : c.other) features[name] = value;
    const auto why = WhyNormal(features, UnitOf(*UnitByKey(c.unit)), {});
    EXPECT_EQ(why.has_value(), c.normal) << c.what << ": " << why.value_or("");
  }
}

TEST(WhyFluid, AsBrightAsFluidThroughout) {
  auto features = Lesion();
  EXPECT_FALSE(WhyFluid(features, {})) << "half of the way to fluid";
  features["core_position"] = 1.0;
  EXPECT_FALSE(WhyFluid(features, {})) << "a bright core alone";
  features["stir_position"] = 0.85;
  EXPECT_TRUE(WhyFluid(features, {})) << "an effusion that is called bone";
  EXPECT_FALSE(WhyFluid({}, {})) << "no anchors";
}

TEST(WhyNormal, WithoutAnchorsNothingIsCalledNormal) {
  EXPECT_FALSE(WhyNormal({}, UnitOf(*UnitByKey("sacrum")), {}));
}

}  // namespace
}  // namespace osteon
