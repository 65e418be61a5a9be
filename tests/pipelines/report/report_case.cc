// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/pipelines/report/report_case.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "pipelines/base/uid.h"
#include "pipelines/dicom/images/mr_writer.h"
#include "tests/pipelines/report/report_case_parts.h"

namespace osteon::testing {
namespace {

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
  info.series_instance_uid = DeriveUid(kStudyUid, fmt::format("series {}", number));
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
  const std::filesystem::path path = folder / fmt::format("series-{}", number);
  const Result<int> written = WriteMrSeries(path, study, header, voxels);
  if (!written) return written.error();
  for (int k = 0; k < grid.slices; ++k) {
    FrameSource frame{info.series_instance_uid, "1.2.840.10008.5.1.4.1.1.4",
                      DeriveUid(info.series_instance_uid, fmt::format("slice {}", k + 1)), 1,
                      path / fmt::format("{:04}.dcm", k + 1)};
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
          const Ball& ball = Balls()[static_cast<std::size_t>(n)];
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
      ranges.clear();  // As the composing stage does it: no row comes from a source.
    c.composed.sources.push_back(std::move(ranges));
  }
}

// The present lesions at their places in the prior images, and one in the left fibula.
constexpr Vec3 kGone{100, 16, -470};
void AddImagesOfThen(const CaseOptions& o, ReportCase& c) {
  VolumeGeometry g = c.composed.stir.geometry();
  g.patient_from_voxel.origin = g.patient_from_voxel.origin + kThen;
  c.then.emplace();
  c.then->stir = Volume<float>(g);
  c.then->inside = Volume<std::uint8_t>(g, 1);
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        const Vec3 p = g.patient_from_voxel({double(i), double(j), double(k)}) - kThen;
        const double signal = Norm(p - kGone) <= 11 ? 190 : Signal(p, o.lesions);
        c.then->stir.At(i, j, k) = static_cast<float>(3 * signal);
      }
    }
  }
  for (Lesion& lesion : c.findings.lesions) {
    if (lesion.change != Change::kNew) lesion.prior_centroid_mm = lesion.centroid_mm + kThen;
  }
  Lesion& gone = c.findings.prior->resolved.front();
  gone.centroid_mm = kGone;
  gone.prior_centroid_mm = kGone + kThen;
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
  if (o.then) AddImagesOfThen(o, c);
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
