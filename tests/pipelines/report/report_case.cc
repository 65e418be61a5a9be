// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/pipelines/report/report_case.h"

#include <algorithm>
#include <cmath>

#include "pipelines/base/uid.h"
#include "pipelines/dicom/images/mr_writer.h"

namespace osteon::testing {
namespace {

constexpr char kStudyUid[] = "2.25.329800735698586629295641978511506172918";

struct Ball {
  const char* unit;
  Vec3 centre;
  double radius;
  Segment segment;
};

// Feet at z = -560, vertex at 560; x to the patient's left, y to the back.
const std::vector<Ball> kBalls = {{"femur_distal_left", {92, 3, -182}, 17, Segment::kMetaphysis},
                                  {"femur_distal_right", {-92, 3, -185}, 14, Segment::kMetaphysis},
                                  {"tibia_proximal_left", {88, 5, -238}, 13, Segment::kEpiphysis},
                                  {"thoracic_spine", {0, 42, 248}, 12, Segment::kVertebra},
                                  {"clavicle_right", {-72, -22, 372}, 11, Segment::kFlatBone},
                                  {"ilium_left", {78, 30, 64}, 19, Segment::kFlatBone},
                                  {"tibia_distal_right", {-86, 12, -460}, 12, Segment::kMetaphysis},
                                  {"foot_left", {92, -26, -528}, 12, Segment::kUnknown}};

double DistanceToSegment(Vec3 p, Vec3 a, Vec3 b) {
  const Vec3 d = b - a;
  const double t = std::clamp(Dot(p - a, d) / Dot(d, d), 0.0, 1.0);
  return Norm(p - (a + t * d));
}

struct Limb {
  Vec3 from, to;
  double flesh, bone;
};
const std::vector<Limb> kLimbs = {
    {{85, 0, 40}, {90, 3, -210}, 56, 15},      {{-85, 0, 40}, {-90, 3, -210}, 56, 15},
    {{90, 3, -215}, {88, 12, -510}, 40, 13},   {{-90, 3, -215}, {-88, 12, -510}, 40, 13},
    {{170, 0, 360}, {215, 5, 60}, 32, 10},     {{-170, 0, 360}, {-215, 5, 60}, 32, 10},
    {{88, 12, -525}, {95, -70, -545}, 28, 12}, {{-88, 12, -525}, {-95, -70, -545}, 28, 12},
    {{30, -20, 375}, {150, -5, 378}, 24, 9},   {{-30, -20, 375}, {-150, -5, 378}, 24, 9}};

// STIR signal: air 4, fat 18, muscle 60, marrow 35, fluid 300, lesion 190. Outside the lesions, a
// soft pattern.
double Signal(Vec3 p, int lesions) {
  for (int n = 0; n < lesions; ++n) {
    const Ball& ball = kBalls[static_cast<std::size_t>(n)];
    if (Norm(p - ball.centre) <= ball.radius) return 190;
  }
  const double texture = 4 * std::sin(p.x / 9) * std::cos(p.z / 11);
  double signal = 4 + texture / 4;
  const Vec3 torso{p.x / 150, p.y / 95, (p.z - 190) / 260};
  if (Dot(torso, torso) < 1) signal = 60 + texture;
  if (Dot(torso, torso) < 1.12 && Dot(torso, torso) >= 1) signal = 18;
  const Vec3 head{p.x / 75, p.y / 92, (p.z - 470) / 95};
  if (Dot(head, head) < 1) signal = 75 + texture;
  for (const Limb& limb : kLimbs) {
    const double d = DistanceToSegment(p, limb.from, limb.to);
    if (d < limb.flesh) signal = std::max(signal, d > limb.flesh - 8 ? 18 : 60 + texture);
    if (d < limb.bone) signal = 35;
  }
  if (DistanceToSegment(p, {0, 45, -10}, {0, 45, 400}) < 17) signal = 38;
  if (DistanceToSegment(p, {0, 66, -10}, {0, 66, 400}) < 7) signal = 280;
  const Vec3 bladder{p.x / 34, (p.y + 25) / 30, (p.z - 15) / 28};
  if (Dot(bladder, bladder) < 1) signal = 300;
  return signal;
}

VolumeGeometry Grid(const CaseOptions& o, Vec3 low, Vec3 high, Vec3 step_i, Vec3 step_j,
                    Vec3 step_k) {
  const Vec3 centre = 0.5 * (low + high), size = high - low;
  const auto count = [&](Vec3 step) {
    const Vec3 u = Unit(step);
    return static_cast<int>(
               (std::abs(u.x) * size.x + std::abs(u.y) * size.y + std::abs(u.z) * size.z) /
               Norm(step)) +
           1;
  };
  VolumeGeometry g;
  g.columns = count(step_i);
  g.rows = count(step_j);
  g.slices = count(step_k);
  g.frame_of_reference_uid = o.frame_of_reference_uid;
  g.patient_from_voxel = {step_i, step_j, step_k, {}};
  g.patient_from_voxel.origin = centre - 0.5 * (g.columns - 1) * step_i -
                                0.5 * (g.rows - 1) * step_j - 0.5 * (g.slices - 1) * step_k;
  return g;
}

constexpr Vec3 kLow{-260, -110, -570}, kHigh{260, 110, 575};

double SliceStep(const CaseOptions& o) { return o.slice_mm > 0 ? o.slice_mm : 2 * o.voxel_mm; }

// In-plane axes as the plane and the position make them: turned upside down for feet first, by a
// quarter for decubitus.
VolumeGeometry SourceGrid(const CaseOptions& o, Vec3 low, Vec3 high) {
  Vec3 row{1, 0, 0}, column{0, 0, -1};
  if (o.plane == "sagittal") row = {0, 1, 0};
  if (o.plane == "axial") column = {0, 1, 0};
  if (o.plane == "oblique") {
    row = Unit({1, 0.12, 0.05});
    column = Unit(Cross(Unit({0.1, -1, 0.15}), row));
    if (column.z > 0) column = -1.0 * column;
  }
  if (o.position == "FFS") {
    row = -1.0 * row;
    column = -1.0 * column;
  } else if (o.position == "DECUBITUS") {
    const Vec3 turned = column;
    column = -1.0 * row;
    row = turned;
  }
  return Grid(o, low, high, o.voxel_mm * row, o.voxel_mm * column,
              SliceStep(o) * Cross(row, column));
}

Result<SeriesInfo> WriteSeries(const std::filesystem::path& folder, const CaseOptions& o,
                               int number, const VolumeGeometry& grid) {
  Volume<std::uint16_t> voxels(grid);
  for (int k = 0; k < grid.slices; ++k) {
    for (int j = 0; j < grid.rows; ++j) {
      for (int i = 0; i < grid.columns; ++i) {
        const Vec3 p = grid.patient_from_voxel({double(i), double(j), double(k)});
        voxels.At(i, j, k) = static_cast<std::uint16_t>(std::max(0.0, Signal(p, o.lesions)));
      }
    }
  }
  SeriesInfo info;
  info.series_instance_uid = DeriveUid(kStudyUid, "series " + std::to_string(number));
  info.series_number = number;
  info.modality = "MR";
  info.description = "STIR";
  info.contrast = Contrast::kStir;
  info.geometry = grid;
  info.slice_thickness_mm = SliceStep(o);
  const MrStudyHeader study{.patient_name = o.patient_name,
                            .patient_id = "T-0815",
                            .birth_date = "20140501",
                            .sex = "F",
                            .height_m = 1.13,
                            .weight_kg = 21,
                            .study_instance_uid = kStudyUid,
                            .study_date = "20260312",
                            .study_time = "101500",
                            .study_description = "MRI whole body",
                            .accession_number = "ACC4711",
                            .frame_of_reference_uid = o.frame_of_reference_uid,
                            .manufacturer = "Test",
                            .model_name = "Formula",
                            .field_strength_t = 1.5};
  MrSeriesHeader header;
  header.series_instance_uid = info.series_instance_uid;
  header.series_number = number;
  header.description = info.description;
  header.scanning_sequence = "SE\\IR";
  header.repetition_time_ms = 4000;
  header.echo_time_ms = 70;
  header.inversion_time_ms = 165;
  header.slice_thickness_mm = info.slice_thickness_mm;
  const std::filesystem::path path = folder / ("series-" + std::to_string(number));
  const Result<int> written = WriteMrSeries(path, study, header, voxels);
  if (!written) return written.error();
  for (int k = 0; k < grid.slices; ++k) {
    char name[16];
    std::snprintf(name, sizeof name, "%04d.dcm", k + 1);
    FrameSource frame{info.series_instance_uid, "1.2.840.10008.5.1.4.1.1.4",
                      DeriveUid(info.series_instance_uid, "slice " + std::to_string(k + 1)), 1,
                      path / name};
    // The writers read a patient and a study module from the path and refer to class, instance and
    // frame; a real enhanced object adds nothing to that.
    if (o.enhanced) {
      frame = {info.series_instance_uid, "1.2.840.10008.5.1.4.1.1.4.1",
               DeriveUid(info.series_instance_uid, "multi-frame"), k + 1, path / "0001.dcm"};
    }
    info.frames.push_back(std::move(frame));
  }
  return info;
}

// As T1 shows the same: fat bright, fluid and lesions dark.
float T1Signal(double stir) { return static_cast<float>(stir < 10 ? 5 : 400 / (1 + stir / 40)); }
// um2/s: muscle 1400, lesions 1300, fluid 3000.
float Adc(double stir) {
  return static_cast<float>(stir < 10    ? 0
                            : stir > 250 ? 3000
                            : stir > 150 ? 1300
                                         : 20 * stir + 200);
}

// The other contrasts, of all but the head.
void AddContrasts(ReportCase& c) {
  const VolumeGeometry& g = c.composed.stir.geometry();
  for (OtherContrast* other : {&c.composed.t1, &c.composed.t1_post_contrast, &c.composed.adc}) {
    other->voxels = Volume<float>(g);
    other->imaged = Volume<std::uint8_t>(g);
  }
  for (std::size_t n = g.VoxelCount() / static_cast<std::size_t>(g.slices) / 8; n < g.VoxelCount();
       ++n) {
    const double stir = c.composed.stir[n];
    c.composed.t1.voxels[n] = T1Signal(stir);
    c.composed.t1_post_contrast.voxels[n] = stir > 150 ? 320.0F : T1Signal(stir);
    c.composed.adc.voxels[n] = Adc(stir);
    for (OtherContrast* other : {&c.composed.t1, &c.composed.t1_post_contrast, &c.composed.adc})
      other->imaged[n] = other->voxels[n] > 0 ? 1 : 0;
  }
}

void Compose(const CaseOptions& o, ReportCase& c) {
  const VolumeGeometry g =
      Grid(o, kLow, kHigh, {o.voxel_mm, 0, 0}, {0, 0, -o.voxel_mm}, {0, 2 * o.voxel_mm, 0});
  c.composed.stir = Volume<float>(g);
  c.composed.inside = Volume<std::uint8_t>(g, 1);
  c.lesions.labels = Volume<std::uint16_t>(g);
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        const Vec3 p = g.patient_from_voxel({double(i), double(j), double(k)});
        c.composed.stir.At(i, j, k) = static_cast<float>(Signal(p, o.lesions));
        for (int n = 0; n < o.lesions; ++n) {
          const Ball& ball = kBalls[static_cast<std::size_t>(n)];
          if (Norm(p - ball.centre) <= ball.radius) {
            c.lesions.labels.At(i, j, k) = static_cast<std::uint16_t>(n + 1);
          }
        }
      }
    }
    std::vector<ComposedVolume::RowRange> ranges = {{0, g.rows, 0, static_cast<std::size_t>(k)}};
    if (o.stations) {
      const int half = g.rows / 2;
      ranges = {{0, half, 0, static_cast<std::size_t>(k)},
                {half, g.rows, 1, static_cast<std::size_t>(k)}};
    }
    if (o.plane != "coronal")
      ranges.clear();  // As the composing stage leaves it: no row is a source's.
    c.composed.sources.push_back(std::move(ranges));
  }
}

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
  lesion.tracking_uid = DeriveUid(kStudyUid, "lesion " + std::to_string(n));
  lesion.tracking_id = "Lesion " + std::to_string(n) + ", " + UnitOf(lesion.unit).key;
  lesion.probability = 0.97 - 0.0511 * n;
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

void AddPrior(ReportCase& c) {
  PriorReference prior;
  prior.study_instance_uid = DeriveUid(kStudyUid, "prior");
  prior.study_date = "20250904";
  prior.sr_series_instance_uid = DeriveUid(kStudyUid, "prior series");
  prior.sr_sop_class_uid = "1.2.840.10008.5.1.4.1.1.88.34";
  prior.sr_sop_instance_uid = DeriveUid(kStudyUid, "prior sr");
  const Change changes[] = {Change::kStable, Change::kImproved, Change::kNew, Change::kWorse};
  for (Lesion& lesion : c.findings.lesions) {
    lesion.change = changes[lesion.number % 4];
    lesion.change_reasons = {{"not_in_prior", {}}};
    if (lesion.change != Change::kNew) {
      lesion.prior_volume_ml = Measured::Of(lesion.volume_ml * 1.3);
      lesion.change_reasons = {{"grade_higher", {}}, {"volume", 100 * (1 / 1.3 - 1)}};
    }
    ++prior.counts[lesion.change];
  }
  Lesion gone;
  gone.number = 91;
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
    const Ball& ball = kBalls[static_cast<std::size_t>(n - 1)];
    Lesion lesion = MakeLesion(c, n, ball);
    f.patient.total_volume_ml += lesion.volume_ml;
    UnitOf(lesion.unit).hand_or_foot() ? ++f.patient.hand_foot_count : ++f.patient.lesion_count;
    c.centres_mm.push_back(ball.centre);
    f.lesions.push_back(std::move(lesion));
  }
  // The last one is only a mark.
  if (o.lesions > 2 && o.mark) {
    Lesion& mark = f.lesions.back();
    f.patient.total_volume_ml -= mark.volume_ml;
    UnitOf(mark.unit).hand_or_foot() ? --f.patient.hand_foot_count : --f.patient.lesion_count;
    mark.judgement = LesionClass::kIndeterminate;
    f.patient.indeterminate_count = 1;
    f.other_marks.push_back(mark);
    f.lesions.pop_back();
    c.centres_mm.pop_back();
  }
  if (o.lesions > 2) {
    f.patient.symmetric_pairs = {{2, 1}};
    f.patient.pattern = "tibio-appendicular";
    f.patient.red_flags = {
        {"soft_tissue_mass", "malignancy or abscess", {4.75}, {1, 4}, FlagStrength::kStrong}};
    f.patient.atypical = true;
  }
  f.patient.criteria = {{"Jansson 2009", "more than one lesion", f.lesions.size() > 1}};
  f.patient.multifocal = f.lesions.size() > 1;
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
                  "Echo time 60.5 ms in the prior study, 70 ms now: the signal of lesions was not "
                  "compared.",
                  {"60.5", "70"}}};
  }
  f.radiographs = {{DeriveUid(kStudyUid, "film"), "DX", "KNEE", "20260201"}};
}

}  // namespace

Result<ReportCase> MakeReportCase(const std::filesystem::path& folder, const CaseOptions& o) {
  ReportCase c;
  c.study.study_instance_uid = kStudyUid;
  c.study.study_date = "20260312";
  std::vector<VolumeGeometry> grids = {SourceGrid(o, kLow, kHigh)};
  if (o.stations) {
    // Both overlap the middle by more than a lesion.
    grids = {SourceGrid(o, {kLow.x, kLow.y, -60}, kHigh),
             SourceGrid(o, kLow, {kHigh.x, kHigh.y, 110})};
  }
  for (const VolumeGeometry& grid : grids) {
    const int number = static_cast<int>(c.study.series.size()) + 1;
    Result<SeriesInfo> series = WriteSeries(folder, o, number, grid);
    if (!series) return std::move(series).error();
    c.choice.stir.push_back(c.study.series.size());
    c.choice.reasons.push_back({c.study.series.size(), true, "IR, TI 165 ms, TE 70 ms"});
    c.study.series.push_back(*std::move(series));
  }
  c.choice.stations = o.stations;
  if (!o.evaluable) {
    c.findings.evaluable = false;
    c.findings.not_evaluable_reason = "the skeleton could not be located in the STIR images";
    c.findings.coverage_mm = 350;
    return c;
  }
  Compose(o, c);
  if (o.contrasts) AddContrasts(c);
  AddFindings(o, c);
  if (o.prior) AddPrior(c);
  return c;
}

ReportOptions TestReportOptions() {
  ReportOptions options;
  options.fingerprint = "fingerprint of a test";
  options.written_at_utc = "20260401123000";
  options.pipeline = {"Osteon", "0.1.0",
                      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"};
  return options;
}

}  // namespace osteon::testing
