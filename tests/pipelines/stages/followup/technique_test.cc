// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/stages/followup/comparability.h"
#include "tests/pipelines/stages/followup/compare_case.h"

namespace osteon {
namespace {

using testing::Compared;
using testing::Now;
using testing::Prior;
using testing::Reported;
using testing::Then;

Technique Stir(double echo_time_ms, double field_strength_t, double slice_step_mm) {
  Technique technique;
  technique.contrast = Contrast::kStir;
  technique.spacing_mm = {1.5, 1.5, slice_step_mm};
  technique.field_strength_t = field_strength_t;
  technique.echo_time_ms = echo_time_ms;
  return technique;
}

TEST(Compare, OtherSequencesAreCountedNotCompared) {
  Findings now = Now({Then(), Reported("femur_distal_left", 0.5, 3, 2)});
  now.technique = Stir(70, 1.5, 6);
  PriorReport prior = Prior({Then(), Reported("clavicle_left", 0.5, 2, 3)});
  prior.technique = now.technique;
  prior.technique.contrast = Contrast::kDixonWater;
  const Findings f = Compared(now, prior);
  for (const Lesion& lesion : f.lesions) EXPECT_EQ(lesion.change, Change::kNotComparable);
  EXPECT_TRUE(f.prior->resolved.empty());
  EXPECT_EQ(f.prior->counts.at(Change::kNotComparable), 3);
  ASSERT_EQ(f.caveats.size(), 1u);
  EXPECT_EQ(f.caveats[0].code, "prior_other_sequence");
}

TEST(Compare, OtherTechniqueIsSaid) {
  struct Case {
    Technique then;
    std::vector<std::string> caveats;
    bool signal;
  };
  const Technique now = Stir(70, 1.5, 6);
  const Case cases[] = {
      {now, {}, true},
      {Stir(80, 1.494, 7), {}, true},  // 13 % of echo time, 1.494 T, 17 % of the slice step.
      {Stir(60, 1.5, 6), {"prior_other_echo_time"}, false},
      {Stir(70, 3, 6), {"prior_other_field"}, true},
      {Stir(70, 1.5, 4), {"prior_other_slices"}, true},
      {Stir(100, 3, 9),
       {"prior_other_echo_time", "prior_other_field", "prior_other_slices"},
       false},
      {{}, {}, true},  // An older report, which does not say.
  };
  for (const Case& c : cases) {
    const Comparability got = CompareTechniques(now, c.then);
    std::vector<std::string> codes;
    for (const Caveat& caveat : got.caveats) {
      codes.push_back(caveat.code);
      EXPECT_EQ(caveat.values.size(), 2u) << caveat.code;
    }
    EXPECT_EQ(codes, c.caveats);
    EXPECT_EQ(got.signal, c.signal);
    EXPECT_TRUE(got.lesions);
  }
}

TEST(Compare, AnotherMakerIsSaid) {
  const PipelineIdentity now{"osteon-cno", "1.2", std::string(64, 'a')};
  const PipelineIdentity other_version{"", "1.1", std::string(64, 'b')};
  const PipelineIdentity other_settings{"", "1.2", std::string(64, 'c')};
  EXPECT_FALSE(CompareMakers(now, {"", now.version, now.hash}));
  EXPECT_FALSE(CompareMakers(now, {})) << "a report that does not say";
  const auto version = CompareMakers(now, other_version);
  ASSERT_TRUE(version);
  EXPECT_EQ(version->code, "prior_other_pipeline");
  EXPECT_EQ(version->values,
            (std::vector<std::string>{"1.1 (bbbbbbbbbbbb)", "1.2 (aaaaaaaaaaaa)"}));
  EXPECT_TRUE(CompareMakers(now, other_settings));
}

TEST(Compare, SignalOfAnotherEchoTimeDoesNotMakeALesionWorse) {
  Lesion then = Then(), now = Then();
  then.signal_grade = Measured::Of(1);
  then.stir_position = Measured::Of(0.4);
  Findings findings = Now({now});
  findings.technique = Stir(70, 1.5, 6);
  PriorReport prior = Prior({then});
  prior.technique = Stir(100, 1.5, 6);
  EXPECT_EQ(Compared(findings, prior).lesions[0].change, Change::kStable);
}

}  // namespace
}  // namespace osteon
