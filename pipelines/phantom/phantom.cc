// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/phantom/phantom.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "pipelines/base/uid.h"
#include "pipelines/dicom/images/mr_writer.h"
#include "pipelines/phantom/acquire.h"
#include "pipelines/phantom/anatomy.h"
#include "pipelines/phantom/body.h"
#include "pipelines/phantom/lesions.h"
#include "pipelines/phantom/truth_files.h"

namespace osteon {
namespace {

using phantom::Acquired;
using phantom::Body;
using phantom::BodyPlan;
using phantom::WrittenSeries;

// Chosen: what the headers say of sequence and window, and the signal-to-noise ratio of T1 over
// that of STIR.
constexpr int kStirEchoTrain = 21, kT1EchoTrain = 3, kEpiEchoTrain = 64;
constexpr double kStirWindow = 1200, kWideWindow = 2400;  // Widths, from 0; T1 and ADC.
constexpr double kT1SnrFactor = 1.5;

struct VendorNames {
  const char *manufacturer, *model, *study;
  const char *stir, *t1, *low, *high, *adc;
};
VendorNames NamesOf(PhantomVendor vendor) {
  switch (vendor) {
    case PhantomVendor::kGe:
      return {"GE MEDICAL SYSTEMS", "Phantom",    "MRI WHOLE BODY", "Cor STIR WB",
              "Cor T1 FSE WB",      "Ax DWI b50", "Ax DWI b800",    "ADC (10^-6 mm2/s)"};
    case PhantomVendor::kPhilips:
      return {"Philips Medical Systems", "Phantom",   "MRI WHOLE BODY", "WB STIR COR",
              "WB T1 TSE COR",           "DWIBS b50", "DWIBS b800",     "dADC"};
    case PhantomVendor::kSiemens:
      break;
  }
  return {"SIEMENS",       "Phantom",           "MR Ganzkoerper",     "t2_tirm_cor_wb",
          "t1_tse_cor_wb", "ep2d_diff_tra_b50", "ep2d_diff_tra_b800", "ep2d_diff_tra_ADC"};
}

// The year of the default study date; the age of the options is that in it.
constexpr int kYearOfAge = 2026;

int BirthYear(const BodyPlan& plan) { return kYearOfAge - static_cast<int>(plan.age_years); }

struct Range {
  const char* name;
  double value, low, high;
};

Status CheckOptions(const PhantomOptions& o) {
  const Range ranges[] = {{"lesions", static_cast<double>(o.lesions), -1, 40},
                          {"age_years", o.age_years.value_or(10), 3, 80},
                          {"height_mm", o.height_mm.value_or(1500), 900, 2000},
                          {"tesla", o.tesla, 1.5, 3.0},
                          {"in_plane_mm", o.in_plane_mm, 1.0, 3.0},
                          {"slice_mm", o.slice_mm, 3.0, 8.0},
                          {"gap_mm", o.gap_mm, 0.0, 3.0},
                          {"muscle_snr", o.muscle_snr, 5, 100},
                          {"fat_failure", o.fat_failure, 0, 1}};
  for (const Range& r : ranges) {
    if (r.value >= r.low && r.value <= r.high) continue;
    return InvalidInput(fmt::format("phantom: {} is {:g}; allowed is {:g} to {:g}", r.name, r.value,
                                    r.low, r.high));
  }
  if (o.out.empty()) return InvalidInput("phantom: no folder to write to");
  if (o.series.empty()) return InvalidInput("phantom: no series asked for");
  if (o.study_date.size() != 8 ||
      o.study_date.find_first_not_of("0123456789") != std::string::npos) {
    return InvalidInput("phantom: study_date must be YYYYMMDD");
  }
  return {};
}

// All options in one text, from which UIDs are derived.
std::string Identity(const PhantomOptions& o, const std::string& patient_id) {
  return fmt::format(
      "osteon phantom/{}/{}/{}/{}/{:d}/{:d}/{}/{:g}/{:g}/{:g}/{:g}/{:g}/{:g}/{:g}/{:g}{}{}",
      patient_id, o.study_date, o.seed, o.lesions, o.stations, o.child, static_cast<int>(o.course),
      o.age_years.value_or(0), o.height_mm.value_or(0), o.tesla, o.in_plane_mm, o.slice_mm,
      o.gap_mm, o.muscle_snr, o.fat_failure, static_cast<int>(o.vendor),
      o.healthy_variants ? "/v" : "");
}

MrStudyHeader StudyHeader(const PhantomOptions& o, const BodyPlan& plan) {
  const VendorNames names = NamesOf(o.vendor);
  MrStudyHeader h;
  h.patient_id = o.patient_id.empty() ? fmt::format("PHANTOM{:05}", o.seed) : o.patient_id;
  h.patient_name = o.patient_name.empty() ? "PHANTOM^" + h.patient_id : o.patient_name;
  // Not from the study date: a later study is of the same patient.
  h.birth_date = fmt::format("{:04}0101", BirthYear(plan));
  h.sex = o.seed % 2 == 0 ? "F" : "M";
  h.height_m = std::round(plan.height_mm / 10) / 100;
  h.weight_kg = std::round(phantom::kBodyMassIndex * plan.girth * h.height_m * h.height_m);
  const std::string identity = Identity(o, h.patient_id);
  h.study_instance_uid = DeriveUid(identity, "study");
  h.frame_of_reference_uid = DeriveUid(identity, "frame of reference");
  h.study_date = o.study_date;
  h.study_time = "083000";
  h.study_description = names.study;
  h.accession_number = fmt::format("P{}{:05}", o.study_date.substr(2), o.seed % 100000);
  h.manufacturer = names.manufacturer;
  h.model_name = names.model;
  h.field_strength_t = o.tesla;
  return h;
}

// Series after series of one study, numbered from 2 (1 is the localiser of a real study).
class StudyWriter {
 public:
  StudyWriter(const PhantomOptions& options, MrStudyHeader header)
      : options_(options), header_(std::move(header)) {}

  Status Add(const std::string& sequence, const std::string& description, MrSeriesHeader series,
             const Acquired& stack) {
    series.series_number = static_cast<int>(written_.size()) + 2;
    series.series_instance_uid =
        DeriveUid(header_.study_instance_uid, fmt::format("series {}", series.series_number));
    series.description = description;
    series.slice_thickness_mm = stack.slice_thickness_mm;
    const auto folder = options_.out / "dicom" / fmt::format("{:03}", series.series_number);
    Result<int> count = WriteMrSeries(folder, header_, series, stack.voxels);
    if (!count) return std::move(count).error();
    written_.push_back({series.series_instance_uid, sequence, description, *count});
    return {};
  }
  const std::vector<WrittenSeries>& written() const { return written_; }
  const MrStudyHeader& header() const { return header_; }

 private:
  const PhantomOptions& options_;
  MrStudyHeader header_;
  std::vector<WrittenSeries> written_;
};

Status AddCoronal(const PhantomOptions& o, PhantomSeries kind, const Body& body, StudyWriter& study,
                  RunContext& run) {
  const bool stir = kind == PhantomSeries::kStir;
  phantom::CoronalProtocol protocol;
  protocol.sequence = stir ? phantom::StirSequence(o.tesla) : phantom::T1Sequence(o.tesla);
  protocol.slice_mm = o.slice_mm;
  protocol.gap_mm = o.gap_mm;
  protocol.muscle_snr = stir ? o.muscle_snr : kT1SnrFactor * o.muscle_snr;
  protocol.fat_failure = stir ? o.fat_failure : 0;
  protocol.stations = o.stations;
  protocol.noise_seed =
      o.seed * 977 + (stir ? 1 : 501) + 7919 * static_cast<std::uint64_t>(o.course);
  Result<std::vector<Acquired>> stacks = phantom::AcquireCoronal(body, protocol, o.seed, run);
  if (!stacks) return std::move(stacks).error();
  const VendorNames names = NamesOf(o.vendor);
  for (std::size_t n = 0; n < stacks->size(); ++n) {
    MrSeriesHeader h;
    h.image_type = o.stations ? "ORIGINAL\\PRIMARY\\M\\ND" : "DERIVED\\PRIMARY\\M\\COMP";
    h.scanning_sequence = stir ? "SE\\IR" : "SE";
    h.repetition_time_ms = protocol.sequence.repetition_ms;
    h.echo_time_ms = protocol.sequence.echo_ms;
    if (stir) h.inversion_time_ms = protocol.sequence.inversion_ms;
    h.echo_train_length = stir ? kStirEchoTrain : kT1EchoTrain;
    h.window_width = stir ? kStirWindow : kWideWindow;
    h.window_centre = h.window_width / 2;
    const std::string tail = o.stations ? fmt::format("_{}", n + 1) : "";
    Status done =
        study.Add(stir ? "stir" : "t1", (stir ? names.stir : names.t1) + tail, h, (*stacks)[n]);
    if (!done) return done;
  }
  return {};
}

Status AddDiffusion(const PhantomOptions& o, const Body& body, StudyWriter& study,
                    RunContext& run) {
  Result<phantom::Diffusion> made = phantom::AcquireDiffusion(body, o.tesla, o.seed, run);
  if (!made) return std::move(made).error();
  const phantom::PulseSequence sequence = phantom::DiffusionSequence(o.tesla, 0);
  MrSeriesHeader h;
  h.scanning_sequence = "EP";
  h.scan_options = "FS";
  h.repetition_time_ms = sequence.repetition_ms;
  h.echo_time_ms = sequence.echo_ms;
  h.echo_train_length = kEpiEchoTrain;
  const VendorNames names = NamesOf(o.vendor);
  h.image_type = "ORIGINAL\\PRIMARY\\DIFFUSION\\NONE";
  h.b_value_s_per_mm2 = phantom::kLowB;
  if (Status done = study.Add("b50", names.low, h, made->low); !done) return done;
  h.b_value_s_per_mm2 = phantom::kHighB;
  if (Status done = study.Add("b800", names.high, h, made->high); !done) return done;
  h.b_value_s_per_mm2.reset();
  h.image_type = "DERIVED\\PRIMARY\\DIFFUSION\\ADC";
  h.window_width = kWideWindow;
  h.window_centre = h.window_width / 2;
  return study.Add("adc", names.adc, h, made->adc);
}

Status AddSeries(const PhantomOptions& options, const Body& body, StudyWriter& study,
                 RunContext& run) {
  for (PhantomSeries series : options.series) {
    Status done = series == PhantomSeries::kDiffusion
                      ? AddDiffusion(options, body, study, run)
                      : AddCoronal(options, series, body, study, run);
    if (!done) return done;
  }
  return {};
}

std::vector<UnitId> UnitsIn(const Volume<UnitId>& units) {
  std::vector<bool> seen(256);
  for (UnitId unit : units.voxels()) seen[unit] = true;
  std::vector<UnitId> present;
  for (const BoneUnit& unit : BoneUnits()) {
    if (seen[unit.id]) present.push_back(unit.id);
  }
  return present;
}

}  // namespace

Result<std::vector<PhantomSeries>> ParsePhantomSeries(const std::string& comma_separated) {
  std::vector<PhantomSeries> series;
  for (std::size_t at = 0; at <= comma_separated.size();) {
    const std::size_t comma = std::min(comma_separated.find(',', at), comma_separated.size());
    const std::string word = comma_separated.substr(at, comma - at);
    if (word == "stir")
      series.push_back(PhantomSeries::kStir);
    else if (word == "t1")
      series.push_back(PhantomSeries::kT1);
    else if (word == "dwi")
      series.push_back(PhantomSeries::kDiffusion);
    else
      return InvalidInput("\"" + word + "\" is no series of the phantom; known are stir, t1, dwi");
    at = comma + 1;
  }
  return series;
}

Result<PhantomTruth> WritePhantom(const PhantomOptions& options, RunContext& run) {
  if (Status valid = CheckOptions(options); !valid) return std::move(valid).error();
  const BodyPlan plan = phantom::DrawPlan(options);
  if (std::stoi(options.study_date.substr(0, 4)) < BirthYear(plan)) {
    return InvalidInput(
        fmt::format("phantom: study_date is before the patient's birth in {}", BirthYear(plan)));
  }
  Result<Body> body = phantom::BuildBody(plan, options.seed, options.in_plane_mm, run);
  if (!body) return std::move(body).error();
  PhantomTruth truth;
  truth.age_years = plan.age_years;
  truth.height_mm = plan.height_mm;
  truth.lesions = phantom::DrawLesions(options, *body);
  truth.variants = phantom::DrawVariants(options, *body);
  truth.units = UnitsIn(body->units);

  StudyWriter study(options, StudyHeader(options, plan));
  if (Status done = AddSeries(options, *body, study, run); !done) return std::move(done).error();
  truth.study_instance_uid = study.header().study_instance_uid;
  truth.series = static_cast<int>(study.written().size());
  for (const WrittenSeries& series : study.written()) truth.instances += series.instances;
  Status done =
      phantom::WriteTruthJson(options.out / "truth.json", options, *body, truth, study.written());
  if (done) done = phantom::WriteTruthArrays(options.out / "truth.npz", *body);
  if (!done) return std::move(done).error();
  return truth;
}

std::vector<DrawnLesion> DrawnLesions(const PhantomTruth& truth) {
  std::vector<DrawnLesion> drawn;
  for (const PhantomLesion& lesion : truth.lesions) {
    const BoneUnit& unit = UnitOf(lesion.unit);
    const std::string side(Name(unit.side));
    drawn.push_back({side.empty() ? unit.name_en : side + " " + unit.name_en, lesion.centre_mm,
                     lesion.volume_ml, lesion.required});
  }
  return drawn;
}

}  // namespace osteon
