// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "pipelines/base/uid.h"
#include "pipelines/stages/lesion/patient_summary.h"
#include "tests/pipelines/report/report_case_parts.h"

namespace osteon::testing {
namespace {

// Centroid and counts from the labels; the other numbers are made up, each different from the
// others.
Lesion MakeLesion(const ReportCase& c, int n, const Ball& ball) {
  const VolumeGeometry& g = c.composed.stir.geometry();
  Lesion lesion;
  Vec3 sum;
  int count = 0;
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        if (c.lesions.labels.At(i, j, k) != n) continue;
        sum = sum + g.patient_from_voxel({double(i), double(j), double(k)});
        ++count;
      }
    }
  }
  lesion.number = lesion.label = n;
  lesion.unit = UnitByKey(ball.unit).value();
  if (lesion.unit == UnitByKey("thoracic_spine")) lesion.midline_side = Side::kLeft;
  lesion.segment = ball.segment;
  lesion.physis = n % 2 ? PhysisRelation::kTouches : PhysisRelation::kNotAssessed;
  lesion.tracking_uid = DeriveUid(kStudyUid, fmt::format("lesion {}", n));
  lesion.tracking_id = fmt::format("Lesion {}, {}", n, UnitOf(lesion.unit).key);
  lesion.probability = std::max(0.2, 0.97 - 0.0511 * n);
  lesion.reasons = {"bright marrow at the growth plate"};
  lesion.volume_ml = count * g.voxel_ml();
  lesion.length_mm = 2 * ball.radius + 0.123456789 * n;
  lesion.width_mm = 1.9 * ball.radius;
  lesion.depth_mm = 1.7 * ball.radius;
  lesion.centroid_mm = (1.0 / std::max(count, 1)) * sum;
  lesion.long_axis_start_mm = ball.centre - Vec3{0, 0, ball.radius};
  lesion.long_axis_end_mm = ball.centre + Vec3{0, 0, ball.radius};
  const Vec3 voxel = Inverse(g.patient_from_voxel)(lesion.centroid_mm);
  lesion.key_slice = static_cast<int>(std::lround(voxel.z));
  lesion.share_of_unit_percent = Measured::Of(3.25 * n);
  lesion.stir_to_muscle = Measured::Of(3.1666667 + 0.01 * n);
  lesion.stir_position = Measured::Of(0.58 + 0.01 * n);
  lesion.signal_grade = Measured::Of(n % 2 ? 1 : 2);
  lesion.t1_to_muscle = Measured::NotAssessed("no T1 series");
  lesion.adc_mean_um2_per_s = n == 1 ? Measured::Of(1283) : Measured::NotAssessed("no ADC series");
  lesion.enhancement_ratio = Measured::NotAssessed("no post-contrast series");
  if (!c.composed.t1.empty()) {
    lesion.t1_to_muscle = Measured::Of(0.7 + 0.01 * n);
    lesion.adc_mean_um2_per_s = Measured::Of(1283 + n);
    lesion.enhancement_ratio = Measured::Of(2.1 + 0.01 * n);
  }
  lesion.periosteal_mm = Measured::Of(10.5 + n);
  lesion.soft_tissue_ml = Measured::Of(0.125 * n);
  lesion.expansion_ratio = UnitOf(lesion.unit).mirror
                               ? Measured::Of(1 + 0.02 * n)
                               : Measured::NotAssessed("no other side to compare with");
  lesion.height_loss_percent = ball.segment == Segment::kVertebra
                                   ? Measured::Of(31)
                                   : Measured::NotAssessed("not a vertebra");
  lesion.centre_to_rim = Measured::Of(0.95);
  lesion.physis_distance_mm = n % 2
                                  ? Measured::Of(1.5 * n)
                                  : Measured::NotAssessed("no open growth plate seen in this bone");
  lesion.along_bone = Measured::Of(0.1 * n);
  lesion.prior_volume_ml = Measured::NotAssessed("no prior report");
  return lesion;
}

// The last lesion is only a mark, not a lesion.
void TakeLast(LesionClass judgement, ReportCase& c) {
  Findings& f = c.findings;
  Lesion mark = f.lesions.back();
  f.patient.total_volume_ml -= mark.volume_ml;
  UnitOf(mark.unit).hand_or_foot() ? --f.patient.hand_foot_count : --f.patient.lesion_count;
  mark.judgement = judgement;
  f.other_marks.insert(f.other_marks.begin(), std::move(mark));
  f.lesions.pop_back();
  c.centres_mm.pop_back();
}

}  // namespace

void AddPrior(ReportCase& c) {
  PriorReference prior;
  prior.study_instance_uid = DeriveUid(kStudyUid, "prior");
  prior.study_date = "20250904";
  prior.sr_series_instance_uid = DeriveUid(kStudyUid, "prior series");
  prior.sr_sop_class_uid = "1.2.840.10008.5.1.4.1.1.88.34";
  prior.sr_sop_instance_uid = DeriveUid(kStudyUid, "prior sr");
  // The signal is not compared, since the echo times differ (the caveat below).
  struct {
    Change change;
    double volume_ratio;
  } const courses[] = {
      {Change::kStable, 1.05}, {Change::kImproved, 0.6}, {Change::kNew, 0}, {Change::kWorse, 1.5}};
  for (Lesion& lesion : c.findings.lesions) {
    const auto& course = courses[lesion.number % 4];
    lesion.change = course.change;
    lesion.change_reasons = {{"not_in_prior", {}}};
    if (lesion.change != Change::kNew) {
      lesion.prior_volume_ml = Measured::Of(lesion.volume_ml / course.volume_ratio);
      lesion.change_reasons = {{"volume", 100 * (course.volume_ratio - 1)}};
    }
    ++prior.counts[lesion.change];
  }
  Lesion gone;
  gone.number = static_cast<int>(c.findings.lesions.size() + c.findings.other_marks.size()) + 1;
  gone.unit = UnitByKey("fibula_distal_left").value();
  gone.tracking_uid = DeriveUid(kStudyUid, "gone");
  gone.tracking_id = "Lesion 7, left distal fibula";
  gone.change = Change::kResolved;
  gone.change_reasons = {{"not_seen", {}}};
  gone.prior_volume_ml = Measured::Of(0.75);
  prior.resolved.push_back(gone);
  ++prior.counts[Change::kResolved];
  c.findings.prior = std::move(prior);
}

void AddFindings(const CaseOptions& o, ReportCase& c) {
  Findings& f = c.findings;
  f.anchors = {60, 4.5, 290.0, 2.25, {{UnitByKey("femur_distal_left").value(), 35.5}}};
  c.lesions.anchors = f.anchors;
  for (int n = 1; n <= o.lesions; ++n) {
    const Ball& ball = Balls()[static_cast<std::size_t>(n - 1)];
    Lesion lesion = MakeLesion(c, n, ball);
    f.patient.total_volume_ml += lesion.volume_ml;
    UnitOf(lesion.unit).hand_or_foot() ? ++f.patient.hand_foot_count : ++f.patient.lesion_count;
    c.centres_mm.push_back(ball.centre);
    f.lesions.push_back(std::move(lesion));
  }
  if (o.lesions > 2 && o.mark) {
    TakeLast(LesionClass::kIndeterminate, c);
    f.patient.indeterminate_count = 1;
  }
  for (int n = 0; n < o.variants; ++n) TakeLast(LesionClass::kNormalVariant, c);
  Distribution distribution = DistributionOf(f.lesions);
  f.patient.multifocal = distribution.multifocal;
  f.patient.symmetric_pairs = distribution.symmetric_pairs;
  f.patient.pattern = distribution.pattern;
  f.patient.of_certain = std::move(distribution);
  if (f.patient.multifocal) {
    f.patient.red_flags = {
        {"soft_tissue_mass", "malignancy or abscess", {4.75}, {1, 4}, FlagStrength::kStrong}};
    f.patient.atypical = true;
  }
  f.patient.criteria = {{"Jansson 2009", "more than one lesion", f.patient.multifocal}};
  f.patient.burden = 7.5;
  f.patient.burden_version = "1";
  f.not_imaged = {UnitByKey("hand_left").value(), UnitByKey("hand_right").value()};
  f.partly_imaged = {UnitByKey("skull").value()};
  f.age_years = 11.86;
  f.technique = {.contrast = Contrast::kStir,
                 .stations = o.stations ? 2 : 0,
                 .spacing_mm = {o.voxel_mm, o.voxel_mm, SliceStep(o)},
                 .field_strength_t = 1.494,
                 .repetition_time_ms = 4000,
                 .echo_time_ms = 70,
                 .inversion_time_ms = 165,
                 .others = {Contrast::kT1}};
  f.coverage_mm = 1145;
  if (o.prior) {
    f.caveats = {{"prior_other_echo_time",
                  "Echo time 60.5 ms before, 70 ms now: signal of lesions not compared.",
                  {"60.5", "70"}}};
  }
  f.radiographs = {{DeriveUid(kStudyUid, "film"), "DX", "KNEE", "20260201"}};
}

}  // namespace osteon::testing
