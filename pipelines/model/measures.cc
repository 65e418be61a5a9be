// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/measures.h"

#include <array>

namespace osteon {
namespace {

using namespace concepts;  // A table of codes reads better without the prefix.

constexpr std::array kLesionMeasures = {
    LesionMeasure{"volume_ml", kVolume, kMillilitre, "Volume", "Volumen",
                  [](const Lesion& l) { return Measured::Of(l.volume_ml); }},
    LesionMeasure{"length_mm", kLongAxis, kMillimetre, "Longest diameter (first principal axis)",
                  "Längster Durchmesser (erste Hauptachse)",
                  [](const Lesion& l) { return Measured::Of(l.length_mm); }},
    LesionMeasure{"width_mm", kShortAxis, kMillimetre, "Diameter along the second principal axis",
                  "Durchmesser entlang der zweiten Hauptachse",
                  [](const Lesion& l) { return Measured::Of(l.width_mm); }},
    LesionMeasure{"depth_mm", kDepth, kMillimetre, "Diameter along the third principal axis",
                  "Durchmesser entlang der dritten Hauptachse",
                  [](const Lesion& l) { return Measured::Of(l.depth_mm); }},
    LesionMeasure{"certainty_percent", kCertainty, kPercent, "Calibrated probability of a lesion",
                  "Kalibrierte Wahrscheinlichkeit einer Läsion",
                  [](const Lesion& l) { return Measured::Of(100 * l.probability); }},
    LesionMeasure{"share_of_unit_percent", kVolumeRatio, kPercent, "Share of the bone unit",
                  "Anteil am Knochenabschnitt",
                  [](const Lesion& l) { return l.share_of_unit_percent; }},
    LesionMeasure{"stir_to_muscle", kRatio, kRatioUnit, "STIR signal over muscle (medians)",
                  "STIR-Signal im Verhältnis zu Muskel (Mediane)",
                  [](const Lesion& l) { return l.stir_to_muscle; }},
    LesionMeasure{"stir_position", kRatio, kRatioUnit,
                  "STIR signal between normal marrow (0) and fluid (1)",
                  "STIR-Signal zwischen normalem Mark (0) und Flüssigkeit (1)",
                  [](const Lesion& l) { return l.stir_position; }},
    LesionMeasure{"signal_grade", kAssessmentCategory, kNoUnits,
                  "STIR grade: 1 below fluid, 2 similar to fluid",
                  "STIR-Grad: 1 unter Flüssigkeit, 2 wie Flüssigkeit",
                  [](const Lesion& l) { return l.signal_grade; }},
    LesionMeasure{"t1_to_muscle", kRatio, kRatioUnit, "T1 signal over muscle (medians)",
                  "T1-Signal im Verhältnis zu Muskel (Mediane)",
                  [](const Lesion& l) { return l.t1_to_muscle; }},
    LesionMeasure{"adc_mean_um2_per_s", kAdc, kUm2PerSecond, "Mean ADC", "Mittlerer ADC",
                  [](const Lesion& l) { return l.adc_mean_um2_per_s; }},
    LesionMeasure{"enhancement_ratio", kRatio, kRatioUnit,
                  "Enhancement: post-contrast T1 over muscle",
                  "Kontrastmittelaufnahme: T1 nach Kontrastmittel im Verhältnis zu Muskel",
                  [](const Lesion& l) { return l.enhancement_ratio; }},
    LesionMeasure{"periosteal_mm", kLength, kMillimetre, "Length of periosteal signal",
                  "Länge des periostalen Signals", [](const Lesion& l) { return l.periosteal_mm; }},
    LesionMeasure{"soft_tissue_ml", kVolume, kMillilitre, "Volume of soft-tissue signal",
                  "Volumen des Weichteilsignals", [](const Lesion& l) { return l.soft_tissue_ml; }},
    LesionMeasure{"expansion_ratio", kRatio, kRatioUnit, "Bone cross-section over the other side",
                  "Knochenquerschnitt im Verhältnis zur Gegenseite",
                  [](const Lesion& l) { return l.expansion_ratio; }},
    LesionMeasure{"height_loss_percent", kRatio, kPercent, "Vertebral height loss",
                  "Höhenminderung des Wirbelkörpers",
                  [](const Lesion& l) { return l.height_loss_percent; }},
    LesionMeasure{"centre_to_rim", kRatio, kRatioUnit, "STIR signal of the centre over the rim",
                  "STIR-Signal des Zentrums im Verhältnis zum Rand",
                  [](const Lesion& l) { return l.centre_to_rim; }},
    LesionMeasure{"physis_distance_mm", kLength, kMillimetre, "Distance to the growth plate",
                  "Abstand zur Wachstumsfuge",
                  [](const Lesion& l) { return l.physis_distance_mm; }},
    LesionMeasure{"along_bone", kRatio, kRatioUnit,
                  "Position along the bone unit: 0 proximal, 1 distal",
                  "Lage entlang des Knochenabschnitts: 0 proximal, 1 distal",
                  [](const Lesion& l) { return l.along_bone; }},
    LesionMeasure{"prior_volume_ml", kVolume, kMillilitre, "Volume in the prior study",
                  "Volumen in der Voruntersuchung",
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

Measured Age(const Findings& f) {
  if (f.age_years) return Measured::Of(*f.age_years);
  return Measured::NotAssessed("age not in the images");
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

}  // namespace osteon
