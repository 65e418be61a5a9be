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
           Case{"a bright spot beside both plates, diluted at its edge",
                "humerus_proximal_left",
                {{"physis_far_mm", 7},
                 {"asymmetry", 0.1},
                 {"stir_position", 0.3},
                 {"core_position", 0.7},
                 {"contrast", 2.2}},
                false},
           Case{"the same without a bright core",
                "humerus_proximal_left",
                {{"physis_far_mm", 7},
                 {"asymmetry", 0.1},
                 {"stir_position", 0.3},
                 {"core_position", 0.45},
                 {"contrast", 2.2}},
                true},
           Case{"beside one plate",
                "tibia_proximal_left",
                {{"physis_far_mm", 7}, {"asymmetry", 0.5}},
                false},
           Case{"a small zone across one plate",
                "tibia_proximal_left",
                {{"physis_far_mm", 7}, {"physis_centre_mm", 1}, {"size_ml", 1}},
                true},
           Case{"the same with a bright core",
                "tibia_proximal_left",
                {{"physis_far_mm", 7},
                 {"physis_centre_mm", 1},
                 {"size_ml", 1},
                 {"stir_position", 0.3},
                 {"core_position", 0.55},
                 {"contrast", 2.1}},
                true},
           Case{"a large one",
                "tibia_proximal_left",
                {{"physis_far_mm", 7}, {"physis_centre_mm", 1}, {"size_ml", 4}},
                false},
           Case{"a small one on one side of the plate",
                "tibia_proximal_left",
                {{"physis_far_mm", 8}, {"physis_centre_mm", 4}, {"size_ml", 1}},
                false},
           Case{"a bright one",
                "tibia_proximal_left",
                {{"physis_far_mm", 7},
                 {"physis_centre_mm", 1},
                 {"size_ml", 1},
                 {"stir_position", 0.7}},
                false},
           Case{"in muscle over a clavicle",
                "clavicle_left",
                {{"in_bone", 0.4}, {"near_bone", 0.15}},
                true},
           Case{"breaks out of a clavicle",
                "clavicle_left",
                {{"in_bone", 0.7}, {"near_bone", 0.15}},
                false},
           Case{"at a thin bone's edge",
                "clavicle_left",
                {{"in_bone", 0.4}, {"near_bone", 0.4}},
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

TEST(WhyIndeterminate, AsBrightAsFluidOrMildOnBothSidesOfTheJaw) {
  struct Case {
    const char* what;
    const char* unit;
    std::map<std::string, double> other;  // Instead of those of Lesion().
    bool indeterminate;
  };
  const std::map<std::string, double> recess = {
      {"core_position", 0.9}, {"front_mm", 28}, {"near_bone_low", 0.2}};
  const auto but = [&](const char* name, double value) {
    auto out = recess;
    out[name] = value;
    return out;
  };
  for (const Case& c : {
           Case{"half of the way to fluid", "femur_distal_left", {}, false},
           Case{"a bright core alone", "femur_distal_left", {{"core_position", 1.0}}, false},
           Case{"an effusion that is called bone", "sacrum", {{"stir_position", 0.85}}, true},
           Case{"a recess of the knee called femur", "femur_distal_left", recess, true},
           Case{"called tibia", "tibia_proximal_right", recess, true},
           Case{"called fibula", "fibula_proximal_right", recess, true},
           Case{"called fibula, beside its axis, brighter than oedema",
                "fibula_proximal_left",
                {{"core_position", 0.9}, {"stir_position", 0.7}, {"near_bone_low", 0.3}},
                true},
           Case{"as bright, with bone all around",
                "fibula_proximal_left",
                {{"core_position", 0.9}, {"stir_position", 0.7}, {"near_bone_low", 0.6}},
                false},
           Case{"in front of the hip", "femur_proximal_left", recess, false},
           Case{"in front of the ankle", "tibia_distal_left", recess, false},
           Case{"in the back of the condyle", "femur_distal_left", but("front_mm", -20), false},
           Case{"dimmer than fluid", "femur_distal_left", but("core_position", 0.6), false},
           Case{"bone all around", "femur_distal_left", but("near_bone_low", 0.8), false},
           Case{"both sides of the jaw", "mandible", {{"asymmetry", 0.1}}, true},
           Case{"one side of the jaw", "mandible", {{"asymmetry", 0.2}}, false},
           Case{"bright on both sides of the jaw",
                "mandible",
                {{"asymmetry", 0.1}, {"stir_position", 0.7}},
                false},
           Case{"both clavicles", "clavicle_left", {{"asymmetry", 0.1}}, false},
       }) {
    auto features = Lesion();
    for (const auto& [name, value] : c.other) features[name] = value;
    const auto why = WhyIndeterminate(features, UnitOf(*UnitByKey(c.unit)), {});
    EXPECT_EQ(why.has_value(), c.indeterminate) << c.what << ": " << why.value_or("");
  }
  EXPECT_FALSE(WhyIndeterminate({}, UnitOf(*UnitByKey("femur_distal_left")), {})) << "no anchors";
}

TEST(WhyNormal, WithoutAnchorsNothingIsCalledNormal) {
  EXPECT_FALSE(WhyNormal({}, UnitOf(*UnitByKey("sacrum")), {}));
}

}  // namespace
}  // namespace osteon
