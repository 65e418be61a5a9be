// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/measures.h"

#include <algorithm>
#include <array>

#include "pipelines/model/cutoffs.h"
#include "pipelines/model/decimal.h"

namespace osteon {
namespace {

using concepts::kAdc;
using concepts::kCertainty;
using concepts::kLongAxis;
using concepts::kMillilitre;
using concepts::kMillimetre;
using concepts::kNoUnits;
using concepts::kNumberOfLesions;
using concepts::kPercent;
using concepts::kRatioUnit;
using concepts::kShortAxis;
using concepts::kUm2PerSecond;
using concepts::kVolume;

constexpr std::array kLesionMeasures = {
    LesionMeasure{"volume_ml", InSr::kNumber, kVolume, kMillilitre, 2, "Volume", "Volumen",
                  [](const Lesion& l) { return Measured::Of(l.volume_ml); }, std::nullopt},
    LesionMeasure{"length_mm", InSr::kNumber, kLongAxis, kMillimetre, 0, "Long axis", "Längsachse",
                  [](const Lesion& l) { return Measured::Of(l.length_mm); }, std::nullopt},
    LesionMeasure{"width_mm", InSr::kNumber, kShortAxis, kMillimetre, 0, "Short axis", "Querachse",
                  [](const Lesion& l) { return Measured::Of(l.width_mm); }, std::nullopt},
    LesionMeasure{"depth_mm", InSr::kNot, Code{}, kMillimetre, 0, "Depth", "Tiefe",
                  [](const Lesion& l) { return Measured::Of(l.depth_mm); }, std::nullopt},
    LesionMeasure{"certainty_percent", InSr::kNumber, kCertainty, kPercent, 0, "Certainty",
                  "Sicherheit", [](const Lesion& l) { return Measured::Of(100 * l.probability); },
                  std::nullopt},
    LesionMeasure{"share_of_unit_percent", InSr::kNot, Code{}, kPercent, 0,
                  "Share of the bone unit", "Anteil am Knochenabschnitt",
                  [](const Lesion& l) { return l.share_of_unit_percent; },
                  cutoffs::kLargeSharePercent},
    LesionMeasure{"stir_to_muscle", InSr::kValue, Code{}, kRatioUnit, 1, "STIR signal",
                  "STIR-Signal", [](const Lesion& l) { return l.stir_to_muscle; }, std::nullopt,
                  "muscle", "Muskel"},
    LesionMeasure{"stir_position", InSr::kValue, Code{}, kRatioUnit, 2, "STIR position",
                  "STIR-Lage", [](const Lesion& l) { return l.stir_position; }, std::nullopt},
    LesionMeasure{"signal_grade", InSr::kValue, Code{}, kNoUnits, 0, "STIR grade", "STIR-Grad",
                  [](const Lesion& l) { return l.signal_grade; }, std::nullopt},
    LesionMeasure{"t1_to_muscle", InSr::kValue, Code{}, kRatioUnit, 1, "T1 signal", "T1-Signal",
                  [](const Lesion& l) { return l.t1_to_muscle; }, 0, "muscle", "Muskel"},
    LesionMeasure{"adc_mean_um2_per_s", InSr::kNumber, kAdc, kUm2PerSecond, 0, "Mean ADC",
                  "mittlerer ADC", [](const Lesion& l) { return l.adc_mean_um2_per_s; }, 0},
    LesionMeasure{"enhancement_ratio", InSr::kValue, Code{}, kRatioUnit, 1,
                  "T1 signal post contrast", "T1-Signal nach KM",
                  [](const Lesion& l) { return l.enhancement_ratio; }, 0, "muscle", "Muskel"},
    LesionMeasure{"periosteal_mm", InSr::kValue, Code{}, kMillimetre, 0, "Periosteal signal",
                  "periostales Signal", [](const Lesion& l) { return l.periosteal_mm; }, 1},
    LesionMeasure{"soft_tissue_ml", InSr::kValue, Code{}, kMillilitre, 2, "Soft-tissue signal",
                  "Weichteilsignal", [](const Lesion& l) { return l.soft_tissue_ml; }, 1},
    LesionMeasure{"expansion_ratio", InSr::kNot, Code{}, kRatioUnit, 1, "Cross-section",
                  "Querschnitt", [](const Lesion& l) { return l.expansion_ratio; },
                  cutoffs::kExpandedFrom, "other side", "Gegenseite"},
    LesionMeasure{"height_loss_percent", InSr::kValue, Code{}, kPercent, 0, "Vertebral height loss",
                  "Höhenminderung des Wirbels",
                  [](const Lesion& l) { return l.height_loss_percent; },
                  cutoffs::kHeightLossPercent},
    LesionMeasure{"centre_to_rim", InSr::kNot, Code{}, kRatioUnit, 2, "Centre to rim",
                  "Zentrum zu Rand", [](const Lesion& l) { return l.centre_to_rim; }, std::nullopt},
    LesionMeasure{"physis_distance_mm", InSr::kNot, Code{}, kMillimetre, 0,
                  "Distance to growth plate", "Abstand zur Wachstumsfuge",
                  [](const Lesion& l) { return l.physis_distance_mm; }, std::nullopt},
    LesionMeasure{"along_bone", InSr::kValue, Code{}, kRatioUnit, 2, "Position along the bone unit",
                  "Lage im Knochenabschnitt", [](const Lesion& l) { return l.along_bone; },
                  std::nullopt},
    LesionMeasure{"prior_volume_ml", InSr::kValue, Code{}, kMillilitre, 2, "Prior volume",
                  "Volumen zuvor", [](const Lesion& l) { return l.prior_volume_ml; }, std::nullopt},
};

// A count or sum of a study that is not evaluable is not assessed, not zero.
template <auto kMember>
Measured OfPatient(const Findings& f) {
  if (!f.evaluable) return Measured::NotAssessed("study not evaluable");
  return Measured::Of(static_cast<double>(f.patient.*kMember));
}

Measured Total(const Findings& f) {
  if (!f.evaluable) return Measured::NotAssessed("study not evaluable");
  return Measured::Of(f.patient.lesion_count + f.patient.hand_foot_count);
}

Measured Anchor(const Findings& f, double value) {
  if (!f.evaluable) return Measured::NotAssessed("study not evaluable");
  return Measured::Of(value);
}

Measured Fluid(const Findings& f) {
  if (f.anchors.fluid) return Measured::Of(*f.anchors.fluid);
  return Measured::NotAssessed("no fluid space found");
}

template <auto kMember>
Measured OfTechnique(const Findings& f) {
  const std::optional<double>& value = f.technique.*kMember;
  return value ? Measured::Of(*value) : Measured::NotAssessed("not in the images");
}

Measured SliceStep(const Findings& f) {
  const double step_mm = f.technique.spacing_mm.z;
  return step_mm > 0 ? Measured::Of(step_mm) : Measured::NotAssessed("not in the images");
}

Measured Age(const Findings& f) {
  if (f.age_years) return Measured::Of(*f.age_years);
  return Measured::NotAssessed("not in the images");
}

constexpr std::array kStudyMeasures = {
    StudyMeasure{"lesion_count", InSr::kNot, Code{}, Code{}, "Lesions without hands and feet",
                 "Läsionen ohne Hände und Füße", &OfPatient<&PatientSummary::lesion_count>},
    StudyMeasure{"hand_foot_count", InSr::kNot, Code{}, Code{}, "Lesions of hands and feet",
                 "Läsionen der Hände und Füße", &OfPatient<&PatientSummary::hand_foot_count>},
    StudyMeasure{"total_count", InSr::kNumber, kNumberOfLesions, kNoUnits, "All lesions",
                 "Alle Läsionen", &Total},
    StudyMeasure{"indeterminate_count", InSr::kNot, Code{}, Code{}, "Indeterminate findings",
                 "Unklare Befunde", &OfPatient<&PatientSummary::indeterminate_count>},
    StudyMeasure{"total_volume_ml", InSr::kNumber, kVolume, kMillilitre, "Total lesion volume",
                 "Gesamtes Läsionsvolumen", &OfPatient<&PatientSummary::total_volume_ml>},
    StudyMeasure{"burden", InSr::kNot, Code{}, Code{}, "CNO burden (experimental)",
                 "CNO-Last (experimentell)", &OfPatient<&PatientSummary::burden>},
    StudyMeasure{"coverage_mm", InSr::kNot, Code{}, Code{}, "Head-foot extent imaged",
                 "Abgebildete Strecke in Kopf-Fuß-Richtung",
                 [](const Findings& f) { return Measured::Of(f.coverage_mm); }},
    StudyMeasure{"field_strength_t", InSr::kValue, Code{}, Code{}, "Field strength", "Feldstärke",
                 &OfTechnique<&Technique::field_strength_t>},
    StudyMeasure{"stir_repetition_time_ms", InSr::kValue, Code{}, Code{},
                 "Repetition time of the STIR", "Repetitionszeit der STIR",
                 &OfTechnique<&Technique::repetition_time_ms>},
    StudyMeasure{"stir_echo_time_ms", InSr::kValue, Code{}, Code{}, "Echo time of the STIR",
                 "Echozeit der STIR", &OfTechnique<&Technique::echo_time_ms>},
    StudyMeasure{"stir_inversion_time_ms", InSr::kValue, Code{}, Code{},
                 "Inversion time of the STIR", "Inversionszeit der STIR",
                 &OfTechnique<&Technique::inversion_time_ms>},
    StudyMeasure{"stir_slice_step_mm", InSr::kValue, Code{}, Code{},
                 "Distance of the slices of the STIR", "Schichtabstand der STIR", &SliceStep},
    StudyMeasure{"age_years", InSr::kNot, Code{}, Code{}, "Age", "Alter", &Age},
    StudyMeasure{"anchor_muscle", InSr::kNot, Code{}, Code{}, "STIR signal of muscle (median)",
                 "STIR-Signal des Muskels (Median)",
                 [](const Findings& f) { return Anchor(f, f.anchors.muscle); }},
    StudyMeasure{"anchor_muscle_spread", InSr::kNot, Code{}, Code{}, "Spread of the muscle signal",
                 "Streuung des Muskelsignals",
                 [](const Findings& f) { return Anchor(f, f.anchors.muscle_spread); }},
    StudyMeasure{"anchor_noise", InSr::kNot, Code{}, Code{}, "Noise", "Rauschen",
                 [](const Findings& f) { return Anchor(f, f.anchors.noise); }},
    StudyMeasure{"anchor_fluid", InSr::kNot, Code{}, Code{}, "STIR signal of fluid",
                 "STIR-Signal von Flüssigkeit", &Fluid},
};

}  // namespace

std::span<const LesionMeasure> LesionMeasures() { return kLesionMeasures; }
std::span<const StudyMeasure> StudyMeasures() { return kStudyMeasures; }

std::string ShownText(const LesionMeasure& measure, double value) {
  if (measure.unit == kMillilitre) return FixedText(value, VolumeDecimals(value));
  if (measure.concept_name == kCertainty) value = std::min(value, kMostCertainPercent);
  return FixedText(value, measure.decimals);
}

std::string ShownText(const StudyMeasure& measure, double value) {
  return FixedText(value, measure.unit == kMillilitre ? VolumeDecimals(value) : 0);
}

bool CannotApply(std::string_view not_assessed) {
  return not_assessed == "not a vertebra" || not_assessed == "no other side to compare with" ||
         not_assessed == "many bones in one unit" || not_assessed == "no prior report" ||
         not_assessed == "not in the prior report";
}

}  // namespace osteon
