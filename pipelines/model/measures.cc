// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/measures.h"

#include <array>

namespace osteon {
namespace {

using namespace concepts;  // A table of codes reads better without the prefix.

constexpr std::array kLesionMeasures = {
    LesionMeasure{"volume_ml", kVolume, kMillilitre, 2, "Volume", "Volumen", "", "",
                  [](const Lesion& l) { return Measured::Of(l.volume_ml); }},
    LesionMeasure{"length_mm", kLongAxis, kMillimetre, 0, "Long axis", "Längsachse",
                  "diameter along the first principal axis",
                  "Durchmesser entlang der ersten Hauptachse",
                  [](const Lesion& l) { return Measured::Of(l.length_mm); }},
    LesionMeasure{"width_mm", kShortAxis, kMillimetre, 0, "Short axis", "Querachse",
                  "diameter along the second principal axis",
                  "Durchmesser entlang der zweiten Hauptachse",
                  [](const Lesion& l) { return Measured::Of(l.width_mm); }},
    LesionMeasure{"depth_mm", kDepth, kMillimetre, 0, "Depth", "Tiefe",
                  "diameter along the third principal axis",
                  "Durchmesser entlang der dritten Hauptachse",
                  [](const Lesion& l) { return Measured::Of(l.depth_mm); }},
    LesionMeasure{"certainty_percent", kCertainty, kPercent, 0, "Certainty", "Sicherheit",
                  "calibrated probability of a lesion",
                  "kalibrierte Wahrscheinlichkeit einer Läsion",
                  [](const Lesion& l) { return Measured::Of(100 * l.probability); }},
    LesionMeasure{"share_of_unit_percent", kVolumeRatio, kPercent, 0, "Share of the bone unit",
                  "Anteil am Knochenabschnitt", "", "",
                  [](const Lesion& l) { return l.share_of_unit_percent; }},
    LesionMeasure{"stir_to_muscle", kRatio, kRatioUnit, 1, "STIR signal to muscle",
                  "STIR-Signal zu Muskel", "ratio of medians", "Verhältnis der Mediane",
                  [](const Lesion& l) { return l.stir_to_muscle; }},
    LesionMeasure{"stir_position", kRatio, kRatioUnit, 2, "STIR position", "STIR-Lage",
                  "0 normal marrow, 1 fluid", "0 normales Mark, 1 Flüssigkeit",
                  [](const Lesion& l) { return l.stir_position; }},
    LesionMeasure{"signal_grade", kAssessmentCategory, kNoUnits, 0, "STIR grade", "STIR-Grad",
                  "1 below fluid, 2 similar to fluid", "1 unter Flüssigkeit, 2 wie Flüssigkeit",
                  [](const Lesion& l) { return l.signal_grade; }},
    LesionMeasure{"t1_to_muscle", kRatio, kRatioUnit, 2, "T1 signal to muscle",
                  "T1-Signal zu Muskel", "ratio of medians", "Verhältnis der Mediane",
                  [](const Lesion& l) { return l.t1_to_muscle; }},
    LesionMeasure{"adc_mean_um2_per_s", kAdc, kUm2PerSecond, 0, "Mean ADC", "mittlerer ADC", "", "",
                  [](const Lesion& l) { return l.adc_mean_um2_per_s; }},
    LesionMeasure{"enhancement_ratio", kRatio, kRatioUnit, 2, "Enhancement",
                  "Kontrastmittelaufnahme", "post-contrast T1 signal to muscle",
                  "T1-Signal nach Kontrastmittel zu Muskel",
                  [](const Lesion& l) { return l.enhancement_ratio; }},
    LesionMeasure{"periosteal_mm", kLength, kMillimetre, 0, "Periosteal signal",
                  "periostales Signal", "length of a bright rim outside the cortex",
                  "Länge eines hellen Saums außerhalb der Kortikalis",
                  [](const Lesion& l) { return l.periosteal_mm; }},
    LesionMeasure{"soft_tissue_ml", kVolume, kMillilitre, 2, "Soft-tissue signal",
                  "Weichteilsignal", "volume next to the lesion", "Volumen neben dem Herd",
                  [](const Lesion& l) { return l.soft_tissue_ml; }},
    LesionMeasure{"expansion_ratio", kRatio, kRatioUnit, 2, "Expansion", "Auftreibung",
                  "bone cross-section to that of the other side",
                  "Knochenquerschnitt zu dem der Gegenseite",
                  [](const Lesion& l) { return l.expansion_ratio; }},
    LesionMeasure{"height_loss_percent", kRatio, kPercent, 0, "Vertebral height loss",
                  "Höhenminderung des Wirbels", "", "",
                  [](const Lesion& l) { return l.height_loss_percent; }},
    LesionMeasure{"centre_to_rim", kRatio, kRatioUnit, 2, "Centre to rim", "Zentrum zu Rand",
                  "ratio of the median STIR signals", "Verhältnis der medianen STIR-Signale",
                  [](const Lesion& l) { return l.centre_to_rim; }},
    LesionMeasure{"physis_distance_mm", kLength, kMillimetre, 0, "Distance to growth plate",
                  "Abstand zur Wachstumsfuge", "", "",
                  [](const Lesion& l) { return l.physis_distance_mm; }},
    LesionMeasure{"along_bone", kRatio, kRatioUnit, 2, "Position along the bone unit",
                  "Lage im Knochenabschnitt", "0 proximal, 1 distal", "0 proximal, 1 distal",
                  [](const Lesion& l) { return l.along_bone; }},
    LesionMeasure{"prior_volume_ml", kVolume, kMillilitre, 2, "Prior volume", "Volumen zuvor",
                  "volume in the prior study", "Volumen in der Voruntersuchung",
                  [](const Lesion& l) { return l.prior_volume_ml; }},
};

// A count or sum of a study that could not be assessed is not zero.
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

// What the images do not say cannot be compared with either.
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
    StudyMeasure{"lesion_count", kNumberOfLesions, kNoUnits, "Lesions without hands and feet",
                 "Läsionen ohne Hände und Füße", &OfPatient<&PatientSummary::lesion_count>},
    StudyMeasure{"hand_foot_count", kNumberOfLesions, kNoUnits, "Lesions of hands and feet",
                 "Läsionen der Hände und Füße", &OfPatient<&PatientSummary::hand_foot_count>},
    StudyMeasure{"total_count", kNumberOfLesions, kNoUnits, "All lesions", "Alle Läsionen", &Total},
    StudyMeasure{"indeterminate_count", kNumberOfLesions, kNoUnits, "Indeterminate findings",
                 "Unklare Befunde", &OfPatient<&PatientSummary::indeterminate_count>},
    StudyMeasure{"total_volume_ml", kVolume, kMillilitre, "Total lesion volume",
                 "Gesamtes Läsionsvolumen", &OfPatient<&PatientSummary::total_volume_ml>},
    StudyMeasure{"burden", kAssessmentCategory, kNoUnits, "CNO burden (experimental)",
                 "CNO-Last (experimentell)", &OfPatient<&PatientSummary::burden>},
    StudyMeasure{"coverage_mm", kLength, kMillimetre, "Head-foot extent imaged",
                 "Abgebildete Strecke in Kopf-Fuß-Richtung",
                 [](const Findings& f) { return Measured::Of(f.coverage_mm); }},
    StudyMeasure{"field_strength_t", kAcquisitionProtocol, kTesla, "Field strength", "Feldstärke",
                 &OfTechnique<&Technique::field_strength_t>},
    StudyMeasure{"stir_repetition_time_ms", kTime, kMillisecond, "Repetition time of the STIR",
                 "Repetitionszeit der STIR", &OfTechnique<&Technique::repetition_time_ms>},
    StudyMeasure{"stir_echo_time_ms", kTime, kMillisecond, "Echo time of the STIR",
                 "Echozeit der STIR", &OfTechnique<&Technique::echo_time_ms>},
    StudyMeasure{"stir_inversion_time_ms", kTime, kMillisecond, "Inversion time of the STIR",
                 "Inversionszeit der STIR", &OfTechnique<&Technique::inversion_time_ms>},
    StudyMeasure{"stir_slice_step_mm", kSpacingBetweenSlices, kMillimetre,
                 "Distance of the slices of the STIR", "Schichtabstand der STIR", &SliceStep},
    StudyMeasure{"age_years", kSubjectAge, kYears, "Age", "Alter", &Age},
    StudyMeasure{"anchor_muscle", kMrSignal, kNoUnits, "STIR signal of muscle (median)",
                 "STIR-Signal des Muskels (Median)",
                 [](const Findings& f) { return Anchor(f, f.anchors.muscle); }},
    StudyMeasure{"anchor_muscle_spread", kMrSignal, kNoUnits, "Spread of the muscle signal",
                 "Streuung des Muskelsignals",
                 [](const Findings& f) { return Anchor(f, f.anchors.muscle_spread); }},
    StudyMeasure{"anchor_noise", kMrSignal, kNoUnits, "Noise", "Rauschen",
                 [](const Findings& f) { return Anchor(f, f.anchors.noise); }},
    StudyMeasure{"anchor_fluid", kMrSignal, kNoUnits, "STIR signal of fluid",
                 "STIR-Signal von Flüssigkeit", &Fluid},
};

}  // namespace

std::span<const LesionMeasure> LesionMeasures() { return kLesionMeasures; }
std::span<const StudyMeasure> StudyMeasures() { return kStudyMeasures; }

bool CannotApply(std::string_view not_assessed) {
  return not_assessed == "not a vertebra" || not_assessed == "no other side to compare with" ||
         not_assessed == "no prior report" || not_assessed == "not in the prior report";
}

std::string FullName(const LesionMeasure& measure, std::string_view language) {
  const bool german = language == "de";
  const std::string_view detail = german ? measure.detail_de : measure.detail_en;
  std::string name(german ? measure.name_de : measure.name_en);
  return detail.empty() ? name : name + " (" + std::string(detail) + ")";
}

}  // namespace osteon
