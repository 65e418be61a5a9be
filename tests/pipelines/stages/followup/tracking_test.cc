// SPDX-License-Identifier: GPL-3.0-or-later
// Which lesions keep their tracking ID.
#include <gtest/gtest.h>

#include <set>

#include "tests/pipelines/stages/followup/compare_case.h"

namespace osteon {
namespace {

using testing::Compared;
using testing::Now;
using testing::Prior;
using testing::Reported;

TEST(Compare, TrackingIdsPersistOverThreeTimePoints) {
  const auto as_prior = [](const Findings& f) {
    PriorReport prior = Prior({});
    prior.lesions = f.lesions;
    return prior;
  };
  const Findings first = Now({Reported("tibia_distal_left", 0.5, 2, 1)});
  Lesion again = Reported("tibia_distal_left", 0.52, 2.1, 2),
         fresh = Reported("tibia_distal_left", 0.05, 1, 1);
  fresh.tracking_uid = "2.25.77";
  const Findings second = Compared(Now({fresh, again}), as_prior(first));
  EXPECT_EQ(second.lesions[0].change, Change::kNew);
  EXPECT_EQ(second.lesions[1].tracking_uid, first.lesions[0].tracking_uid);
  EXPECT_EQ(second.lesions[1].tracking_id, first.lesions[0].tracking_id);
  EXPECT_NE(second.lesions[0].tracking_id, second.lesions[1].tracking_id)
      << "the new one takes a free number";
  const Findings third = Compared(Now({again}), as_prior(second));
  EXPECT_EQ(third.lesions[0].tracking_uid, first.lesions[0].tracking_uid);
  ASSERT_EQ(third.prior->resolved.size(), 1u);
  EXPECT_EQ(third.prior->resolved[0].tracking_uid, second.lesions[0].tracking_uid);
}

TEST(Compare, EachLesionKnowsWhereItWasAndGoneOnesWhereTheyWouldBe) {
  Lesion same = Reported("tibia_distal_left", 0.5, 4, 1);
  Lesion fresh = Reported("tibia_diaphysis_left", 0.1, 4, 2);
  Findings now = Now({same, fresh});
  now.other_marks = {Reported("tibia_proximal_left", 0.9, 4, 3)};
  UnitFrame fibula, ilium;
  fibula.unit = *UnitByKey("fibula_distal_left");
  fibula.axis = {0, 0, -1};
  fibula.proximal_end = {50, 10, -300};
  fibula.length_mm = 100;
  ilium.unit = *UnitByKey("ilium_left");
  ilium.centre = {80, 30, 60};
  now.unit_frames.insert(now.unit_frames.end(), {fibula, ilium});
  Lesion in_fibula = Reported("fibula_distal_left", 0.25, 4, 1);
  Lesion in_ilium = Reported("ilium_left", 0, 4, 2);
  in_ilium.along_bone = Measured::NotAssessed("");
  Lesion lost = Reported("sternum", 0.5, 4, 3),
         unplaced = Reported("fibula_distal_left", 0.9, 4, 5);
  PriorReport prior = Prior({in_fibula, in_ilium, lost, Reported("tibia_distal_left", 0.5, 4, 4)});
  for (Lesion& lesion : prior.lesions) lesion.prior_centroid_mm = Vec3{1.0 * lesion.number, 2, 3};
  prior.lesions.push_back(unplaced);  // Its report does not say where.
  const Findings f = Compared(now, prior);
  EXPECT_EQ(f.lesions[0].prior_centroid_mm, (Vec3{4, 2, 3}));
  EXPECT_FALSE(f.lesions[1].prior_centroid_mm);
  const std::vector<Lesion>& gone = f.prior->resolved;
  ASSERT_EQ(gone.size(), 4U);
  EXPECT_EQ(gone[0].prior_centroid_mm, (Vec3{1, 2, 3}));
  EXPECT_EQ(gone[0].centroid_mm, (Vec3{50, 10, -325}));
  EXPECT_EQ(gone[1].centroid_mm, (Vec3{80, 30, 60})) << "the middle of a flat bone";
  EXPECT_FALSE(gone[2].prior_centroid_mm) << "its bone was not located";
  EXPECT_FALSE(gone[3].prior_centroid_mm);
  for (std::size_t n = 0; n < gone.size(); ++n)
    EXPECT_EQ(gone[n].number, static_cast<int>(n) + 4) << "one number means one mark";
}

// All marks of one report.
void ExpectTrackingApart(const Findings& f) {
  std::set<std::string> ids, uids;
  std::size_t marks = 0;
  for (const auto* list : {&f.lesions, &f.other_marks, &f.prior->resolved}) {
    for (const Lesion& lesion : *list) {
      ids.insert(lesion.tracking_id);
      uids.insert(lesion.tracking_uid);
      ++marks;
    }
  }
  EXPECT_EQ(ids.size(), marks);
  EXPECT_EQ(uids.size(), marks);
}

TEST(Compare, NoTwoMarksShareTheirTracking) {
  const auto mark = [](const char* unit, double along, const char* id, const char* uid,
                       LesionClass judgement) {
    Lesion lesion = Reported(unit, along, 4);
    lesion.tracking_id = id;
    lesion.tracking_uid = uid;
    lesion.judgement = judgement;
    return lesion;
  };
  constexpr LesionClass kLesion = LesionClass::kLesion, kMark = LesionClass::kIndeterminate;
  // As in reports of earlier versions: a lesion and a mark at one site have the same ID.
  PriorReport prior;
  prior.reference.study_date = "20260101";
  prior.lesions = {mark("tibia_distal_left", 0.2, "left distal tibia 1", "2.25.1", kLesion),
                   mark("fibula_distal_left", 0.5, "left distal fibula 1", "2.25.3", kLesion)};
  prior.other_marks = {mark("tibia_distal_left", 0.9, "left distal tibia 1", "2.25.2", kMark),
                       mark("fibula_distal_left", 0.9, "left distal fibula 1", "2.25.3", kMark)};
  Findings now = Now({mark("tibia_distal_left", 0.2, "left distal tibia 1", "2.25.11", kLesion),
                      mark("tibia_distal_left", 0.9, "left distal tibia 2", "2.25.12", kLesion)});
  now.other_marks = {mark("tibia_proximal_left", 0.5, "left distal tibia 1", "2.25.13", kMark),
                     mark("tibia_proximal_left", 0.9, "left distal tibia 3", "2.25.12", kMark)};
  const Findings f = Compared(now, prior);
  EXPECT_EQ(f.lesions[0].tracking_uid, "2.25.1");
  EXPECT_EQ(f.lesions[0].tracking_id, "left distal tibia 1");
  EXPECT_EQ(f.lesions[1].tracking_uid, "2.25.2") << "the prior mark is followed";
  ExpectTrackingApart(f);
  const Findings again = Compared(now, prior);
  for (std::size_t n = 0; n < f.other_marks.size(); ++n)
    EXPECT_EQ(f.other_marks[n].tracking_uid, again.other_marks[n].tracking_uid);
}

}  // namespace
}  // namespace osteon
