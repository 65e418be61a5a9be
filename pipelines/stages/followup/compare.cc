// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/followup/compare.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

#include "pipelines/base/uid.h"
#include "pipelines/model/cutoffs.h"
#include "pipelines/stages/followup/comparability.h"
#include "pipelines/stages/followup/lesion_matching.h"

namespace osteon {
namespace {

bool Listed(const std::vector<UnitId>& units, UnitId unit) {
  return std::find(units.begin(), units.end(), unit) != units.end();
}

// The values of all lesions of one study in a match: sums and maxima.
struct Totals {
  double volume_ml = 0;
  std::optional<double> grade, position;
  bool outside = false, collapse = false;  // Periosteal or soft-tissue signal; height loss.
  bool outside_assessed = false, collapse_assessed = false;
};

Totals TotalsOf(const std::vector<Lesion>& lesions, const std::vector<std::size_t>& of) {
  Totals t;
  const auto larger = [](std::optional<double>& kept, const Measured& m) {
    if (m.value) kept = std::max(kept.value_or(*m.value), *m.value);
  };
  for (std::size_t n : of) {
    const Lesion& l = lesions[n];
    t.volume_ml += l.volume_ml;
    larger(t.grade, l.signal_grade);
    larger(t.position, l.stir_position);
    t.outside |= l.periosteal_mm.value.value_or(0) > 0 || l.soft_tissue_ml.value.value_or(0) > 0;
    t.outside_assessed |= l.periosteal_mm.value.has_value() || l.soft_tissue_ml.value.has_value();
    t.collapse |= l.height_loss_percent.value.value_or(0) >= cutoffs::kHeightLossPercent;
    t.collapse_assessed |= l.height_loss_percent.value.has_value();
  }
  return t;
}

struct Verdict {
  Change change = Change::kStable;
  std::vector<ChangeReason> reasons;
};

// What all matches of two studies share.
struct Rules {
  const CompareOptions& options;
  const Comparability& comparable;
};

// The rules in this order: resolved, worse for any reason, improved, else stable.
Verdict Judge(const Totals& now, const Totals& prior, const Rules& rules) {
  const CompareOptions& o = rules.options;
  if (!rules.comparable.lesions) return {Change::kNotComparable, {{"other_sequence", {}}}};
  const double difference = now.volume_ml - prior.volume_ml;
  const double share = prior.volume_ml > 0 ? difference / prior.volume_ml : 0;
  const double percent = std::round(100 * share);  // As reported, so that class and report agree.
  const auto over = [&](double limit) { return percent >= std::round(100 * limit); };
  const auto under = [&](double limit) { return -percent >= std::round(100 * limit); };
  const ChangeReason volume{"volume", 100 * share};
  const bool counts = std::abs(difference) >= o.least_change_ml;
  const bool graded =
      rules.comparable.signal && now.grade && prior.grade && now.position && prior.position;
  const double moved = graded ? *now.position - *prior.position : 0;
  const bool grade_up = graded && *now.grade > *prior.grade && moved >= o.position_change;
  const bool grade_down = graded && *now.grade < *prior.grade && -moved >= o.position_change;

  if (now.volume_ml < o.resolved_share * prior.volume_ml &&
      now.position.value_or(1) < o.resolved_position) {
    return {Change::kResolved, {volume, {"normal_signal", {}}}};
  }
  if (counts && over(o.volume_change)) return {Change::kWorse, {volume}};
  if (grade_up) return {Change::kWorse, {{"grade_higher", {}}, volume}};
  if (now.collapse && !prior.collapse && prior.collapse_assessed)
    return {Change::kWorse, {{"new_height_loss", {}}, volume}};
  if (now.outside && !prior.outside && prior.outside_assessed) {
    return {Change::kWorse, {{"new_signal_outside", {}}, volume}};
  }
  if (counts && under(o.volume_change)) return {Change::kImproved, {volume}};
  if (counts && grade_down && under(o.volume_change_with_grade)) {
    return {Change::kImproved, {volume, {"grade_lower", {}}}};
  }
  if (over(o.volume_change) || under(o.volume_change))
    return {Change::kStable, {volume, {"small_change", {}}}};
  return {Change::kStable, {volume}};
}

void Apply(const LesionMatch& match, const std::vector<Lesion>& prior, const Rules& rules,
           std::vector<Lesion>& now) {
  const Totals then = TotalsOf(prior, match.prior);
  Verdict verdict = Judge(TotalsOf(now, match.now), then, rules);
  if (match.prior.size() > 1)
    verdict.reasons.push_back({"merged", static_cast<double>(match.prior.size())});
  if (match.now.size() > 1)
    verdict.reasons.push_back({"part_of", static_cast<double>(match.now.size())});
  for (std::size_t n = 0; n < match.now.size(); ++n) {
    Lesion& lesion = now[match.now[n]];
    lesion.change = verdict.change;
    lesion.change_reasons = verdict.reasons;
    lesion.prior_volume_ml = Measured::Of(then.volume_ml);
    lesion.prior_centroid_mm = prior[match.prior.front()].prior_centroid_mm;
    if (n > 0) continue;  // Only one part keeps the tracking UID.
    lesion.tracking_uid = prior[match.prior.front()].tracking_uid;
    lesion.tracking_id = prior[match.prior.front()].tracking_id;
  }
}

// A lesion without a counterpart in the prior report.
void ApplyNew(const PriorReport& prior, const Rules& rules, Lesion& lesion) {
  const bool was_imaged = !Listed(prior.not_imaged, lesion.unit);
  lesion.change = was_imaged && rules.comparable.lesions ? Change::kNew : Change::kNotComparable;
  lesion.change_reasons = {{was_imaged ? "not_in_prior" : "not_imaged_then", {}}};
  if (!rules.comparable.lesions) lesion.change_reasons.push_back({"other_sequence", {}});
  lesion.prior_volume_ml = Measured::NotAssessed(was_imaged ? "not in the prior report"
                                                            : "bone not imaged in the prior study");
}

// The same place on the axis of today's bone; nothing when that was not located. Flat bones and
// others without a place along them: the middle.
std::optional<Vec3> PlaceToday(const Lesion& then, const std::vector<UnitFrame>& frames) {
  for (const UnitFrame& frame : frames) {
    if (frame.unit != then.unit) continue;
    if (!then.along_bone.value) return frame.centre;
    return frame.proximal_end + *then.along_bone.value * frame.length_mm * frame.axis;
  }
  return std::nullopt;
}

Lesion Resolved(Lesion lesion, const std::vector<UnitFrame>& frames) {
  const std::optional<Vec3> place = PlaceToday(lesion, frames);
  lesion.centroid_mm = place.value_or(Vec3{});
  if (!place) lesion.prior_centroid_mm.reset();
  lesion.change = Change::kResolved;
  lesion.change_reasons = {{"not_seen", {}}};
  lesion.prior_volume_ml = Measured::Of(lesion.volume_ml);
  lesion.volume_ml = 0;
  return lesion;
}

// Makes the tracking IDs and UIDs of a report unique. An ID of the prior report is used only for
// the same lesion. Lesions that are followed keep theirs; where the prior report gave one ID to two
// lesions, the first keeps it. The others get the next free number of their site.
void KeepTrackingApart(const PriorReport& prior, Findings& findings) {
  std::set<std::string> ids_then, uids_then, ids, uids;
  for (const auto* list : {&prior.lesions, &prior.other_marks}) {
    for (const Lesion& lesion : *list) {
      ids_then.insert(lesion.tracking_id);
      uids_then.insert(lesion.tracking_uid);
    }
  }
  std::vector<Lesion*> renamed;
  for (auto* list : {&findings.lesions, &findings.other_marks, &findings.prior->resolved}) {
    for (Lesion& lesion : *list) {
      const bool followed = uids_then.contains(lesion.tracking_uid);
      const std::string uid = lesion.tracking_uid;
      for (int n = 2; !uids.insert(lesion.tracking_uid).second; ++n)
        lesion.tracking_uid = DeriveUid(uid, fmt::format("tracking {}", n));
      const bool free = followed || !ids_then.contains(lesion.tracking_id);
      if (!free || !ids.insert(lesion.tracking_id).second) renamed.push_back(&lesion);
    }
  }
  for (Lesion* lesion : renamed) {
    const std::string stem = lesion->tracking_id.substr(0, lesion->tracking_id.find_last_of(' '));
    for (int n = 1; ids_then.contains(lesion->tracking_id) || ids.contains(lesion->tracking_id);
         ++n)
      lesion->tracking_id = fmt::format("{} {}", stem, n);
    ids.insert(lesion->tracking_id);
  }
}

// So that a number means one thing in a report.
void NumberResolved(Findings& findings) {
  int last = 0;
  for (const auto* list : {&findings.lesions, &findings.other_marks}) {
    for (const Lesion& lesion : *list) last = std::max(last, lesion.number);
  }
  for (Lesion& gone : findings.prior->resolved) gone.number = ++last;
}

Status CheckLesions(const std::vector<Lesion>& lesions, const char* whose) {
  for (const Lesion& lesion : lesions) {
    const bool known = lesion.unit >= 1 && lesion.unit <= BoneUnits().size();
    if (known && std::isfinite(lesion.volume_ml) && lesion.volume_ml >= 0) continue;
    return InvalidInput(fmt::format(
        "lesion {} of the {} report has no bone unit or no finite volume", lesion.number, whose));
  }
  return {};
}

// Whether a lesion has an urgent height loss that the same lesion did not have before.
bool NewHeightLoss(const std::vector<Lesion>& now, const PriorReport& prior) {
  return std::any_of(now.begin(), now.end(), [&](const Lesion& lesion) {
    if (lesion.height_loss_percent.value.value_or(0) < cutoffs::kUrgentHeightLossPercent)
      return false;
    return std::none_of(prior.lesions.begin(), prior.lesions.end(), [&](const Lesion& p) {
      return p.tracking_uid == lesion.tracking_uid &&
             p.height_loss_percent.value.value_or(0) >= cutoffs::kUrgentHeightLossPercent;
    });
  });
}

// Compares today's lesions with the lesions and indeterminate findings of the prior report. Returns
// the prior lesions without a match.
std::vector<Lesion> FollowLesions(const PriorReport& prior, const Rules& rules,
                                  Findings& findings) {
  std::vector<Lesion> then = prior.lesions;
  std::copy_if(prior.other_marks.begin(), prior.other_marks.end(), std::back_inserter(then),
               [](const Lesion& mark) { return mark.judgement == LesionClass::kIndeterminate; });
  std::vector<bool> found(then.size());
  for (const LesionMatch& match :
       MatchLesions(findings.lesions, then, findings.unit_frames, rules.options)) {
    Apply(match, then, rules, findings.lesions);
    for (std::size_t p : match.prior) found[p] = true;
  }
  std::vector<Lesion> left;
  for (std::size_t p = 0; p < prior.lesions.size(); ++p) {
    if (!found[p]) left.push_back(prior.lesions[p]);
  }
  return left;
}

// Prior lesions that are no lesions today: faded to another mark, resolved, or not imaged. A mark
// of any class is followed, since a normal variant at the place of a lesion is what is left of it.
// It is not counted among the lesions that are stable, improved or worse.
void FollowFaded(const std::vector<Lesion>& left, const Rules& rules, Findings& findings) {
  std::vector<bool> faded(left.size());
  for (const LesionMatch& match :
       MatchLesions(findings.other_marks, left, findings.unit_frames, rules.options)) {
    Apply(match, left, rules, findings.other_marks);
    for (std::size_t p : match.prior) faded[p] = true;
    const Change change = findings.other_marks[match.now.front()].change;
    if (change == Change::kResolved || change == Change::kNotComparable)
      ++findings.prior->counts[change];
  }
  for (std::size_t p = 0; p < left.size(); ++p) {
    if (faded[p]) continue;
    if (Listed(findings.not_imaged, left[p].unit)) {
      ++findings.prior->counts[Change::kNotComparable];
      findings.caveats.push_back(
          {"prior_lesion_not_imaged",
           "An earlier lesion was not imaged this time: " + left[p].tracking_id + ".",
           {left[p].tracking_id}});
      continue;
    }
    if (!rules.comparable.lesions) {
      ++findings.prior->counts[Change::kNotComparable];
      continue;
    }
    findings.prior->resolved.push_back(Resolved(left[p], findings.unit_frames));
    ++findings.prior->counts[Change::kResolved];
  }
}

}  // namespace

Result<Findings> CompareWithPrior(Findings findings, const PriorReport& prior,
                                  const CompareOptions& options) {
  if (Status valid = CheckLesions(findings.lesions, "present"); !valid)
    return std::move(valid).error();
  if (Status valid = CheckLesions(findings.other_marks, "present"); !valid)
    return std::move(valid).error();
  if (Status valid = CheckLesions(prior.lesions, "prior"); !valid) return std::move(valid).error();

  findings.prior = prior.reference;
  const Comparability comparable = CompareTechniques(findings.technique, prior.technique);
  const Rules rules{options, comparable};
  findings.caveats.insert(findings.caveats.end(), comparable.caveats.begin(),
                          comparable.caveats.end());
  for (Lesion& lesion : findings.lesions) ApplyNew(prior, rules, lesion);
  FollowFaded(FollowLesions(prior, rules, findings), rules, findings);
  for (const Lesion& lesion : findings.lesions) ++findings.prior->counts[lesion.change];
  KeepTrackingApart(prior, findings);
  NumberResolved(findings);
  findings.patient.urgent_height_loss = NewHeightLoss(findings.lesions, prior);
  return findings;
}

}  // namespace osteon
