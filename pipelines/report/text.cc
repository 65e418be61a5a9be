// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/text.h"

#include <algorithm>

#include "pipelines/model/cutoffs.h"
#include "pipelines/model/measures.h"
#include "pipelines/report/films.h"
#include "pipelines/report/impression.h"
#include "pipelines/report/not_assessed.h"
#include "pipelines/report/words.h"

namespace osteon {
namespace {

// The multiplication sign is in every viewer's font for SR text; an en dash is not.
std::string Size(Language language, const Lesion& lesion) {
  return Number(language, lesion.length_mm, 0) + " × " + Number(language, lesion.width_mm, 0) +
         " × " + Number(language, lesion.depth_mm, 0) + " mm";
}

std::string Site(Language language, const Lesion& lesion) {
  const std::string segment = SegmentName(language, lesion.segment);
  return SiteName(language, lesion) + (segment.empty() ? "" : ", " + segment);
}

std::string UnitText(Language language, const LesionMeasure& measure) {
  if (!measure.to_en.empty()) return " × " + Say(language, measure.to_en, measure.to_de);
  if (measure.unit == concepts::kRatioUnit || measure.unit == concepts::kNoUnits) return {};
  if (measure.unit == concepts::kUm2PerSecond) return " × 10⁻⁶ mm²/s";
  return " " + std::string(measure.unit.value);
}

std::string ValueText(Language language, const LesionMeasure& measure, double value) {
  return LocalNumber(language, ShownText(measure, value)) + UnitText(language, measure);
}

std::string Signal(Language language, const Lesion& lesion) {
  if (!lesion.stir_to_muscle.value) return Say(language, "not assessed", "nicht beurteilt");
  const auto stir =
      std::ranges::find(LesionMeasures(), std::string_view("stir_to_muscle"), &LesionMeasure::key);
  return ValueText(language, *stir, *lesion.stir_to_muscle.value);
}

std::string NameOf(Language language, const LesionMeasure& measure) {
  return std::string(language == Language::kGerman ? measure.name_de : measure.name_en);
}

// Whether the lesion lies at its growth plate, which is remarkable; elsewhere it is not said.
bool AtPhysis(const Lesion& lesion) {
  return lesion.physis == PhysisRelation::kTouches || lesion.physis == PhysisRelation::kCrosses;
}

// Fills `measures` with the measures that pages and text show.
void AddMeasures(Language language, const Lesion& lesion, LesionText& text) {
  if (AtPhysis(lesion)) {
    const bool crosses = lesion.physis == PhysisRelation::kCrosses;
    text.measures.emplace_back(
        Say(language, "Growth plate", "Wachstumsfuge"),
        crosses ? Say(language, "crossed", "überschritten") : Say(language, "touched", "berührt"));
  }
  for (const LesionMeasure& measure : LesionMeasures()) {
    const Measured value = measure.value(lesion);
    if (!value.value || !measure.remarkable_from || *value.value < *measure.remarkable_from)
      continue;
    text.measures.emplace_back(NameOf(language, measure),
                               ValueText(language, measure, *value.value));
  }
}

// Capitalises the first letter: "überschreitet die Wachstumsfuge" as well.
std::string Sentence(std::string text) {
  constexpr std::string_view kUmlaut = "ü";
  if (text.starts_with(kUmlaut)) {
    text.replace(0, kUmlaut.size(), "Ü");
  } else if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text + ".";
}

// Whether the mark is indeterminate because of its signal (stages/detect/normal_signal.h).
bool LikeFluid(const Lesion& mark) {
  return mark.judgement == LesionClass::kIndeterminate &&
         std::ranges::any_of(mark.reasons,
                             [](const std::string& r) { return r.starts_with("fluid:"); });
}

// Of marks that are no lesions, why not.
std::string NotCounted(Language language, const Lesion& mark) {
  switch (mark.judgement) {
    case LesionClass::kLesion:
      return {};
    case LesionClass::kIndeterminate:
      if (LikeFluid(mark))
        return Say(language, " As bright as fluid: indeterminate, not counted as a lesion.",
                   " Signal wie Flüssigkeit: unklar, nicht als Herd gezählt.");
      return Say(language, " Indeterminate, not counted as a lesion.",
                 " Unklar, nicht als Herd gezählt.");
    case LesionClass::kNormalVariant:
      return Say(language, " Normal for age or variant.", " Altersentsprechend oder Normvariante.");
  }
  return {};
}

// " (25.5 before, -23 %)"; empty without a prior volume.
std::string VolumeBefore(Language language, const Lesion& lesion) {
  if (!lesion.prior_volume_ml.value) return {};
  const auto change =
      std::ranges::find(lesion.change_reasons, std::string("volume"), &ChangeReason::code);
  const std::string percent = change == lesion.change_reasons.end() || !change->value
                                  ? ""
                                  : ", " + PercentChange(language, *change->value);
  return " (" + Short(language, *lesion.prior_volume_ml.value) +
         Say(language, " before", " zuvor") + percent + ")";
}

// Without the change of volume where VolumeBefore says it.
std::string OtherReasons(Language language, const Lesion& lesion) {
  std::vector<ChangeReason> reasons = lesion.change_reasons;
  if (lesion.prior_volume_ml.value)
    std::erase_if(reasons, [](const ChangeReason& r) { return r.code == "volume" && r.value; });
  return ChangeReasonsText(language, reasons);
}

// " Touches the growth plate. Soft-tissue signal 4.8 ml."
std::string Remarkable(Language language, const Lesion& lesion) {
  std::string all;
  if (AtPhysis(lesion)) all += " " + Sentence(PhysisText(language, lesion.physis));
  // Pages and findings.json have all measures; the sentence has the remarkable ones.
  for (const LesionMeasure& measure : LesionMeasures()) {
    const Measured value = measure.value(lesion);
    if (value.value && measure.remarkable_from.value_or(0) > 0 &&
        *value.value >= *measure.remarkable_from) {
      all += " " +
             Sentence(NameOf(language, measure) + " " + ValueText(language, measure, *value.value));
    }
  }
  return all;
}

// "Left distal femur, metaphysis: 34 × 32 × 29 mm, 19.6 ml (25.5 before, -23 %), 3.2 × muscle,
// certainty 92 %, improved (signal grade lower). Touches the growth plate. Soft-tissue signal
// 4.8 ml." Nothing is remarkable of a normal variant, and fluid beside a bone is the same fluid.
std::string Description(Language language, const Lesion& lesion, const LesionText& text) {
  std::string all = text.site + ": " + text.size + ", " + text.volume +
                    VolumeBefore(language, lesion) + ", " + text.signal;
  if (!text.certainty.empty())
    all += ", " + Say(language, "certainty ", "Sicherheit ") + text.certainty;
  if (!text.certainty_if_only.empty())
    all += " (" + text.certainty_if_only +
           Say(language, " if it were the only one)", ", wäre er der einzige)");
  if (!text.change.empty()) {
    const std::string reasons = OtherReasons(language, lesion);
    all += ", " + text.change + (reasons.empty() ? "" : " (" + reasons + ")");
  }
  all = Sentence(all);
  if (lesion.judgement != LesionClass::kNormalVariant && !LikeFluid(lesion))
    all += Remarkable(language, lesion);
  return all + NotCounted(language, lesion);
}

std::string CertaintyText(Language language, double probability) {
  return Number(language, std::min(kMostCertainPercent, 100 * probability), 0) + " %";
}

LesionText TextOf(Language language, const Lesion& lesion) {
  LesionText text;
  text.number = lesion.number;
  text.site = Site(language, lesion);
  text.size = Size(language, lesion);
  text.volume = Short(language, lesion.volume_ml) + " ml";
  text.signal = Signal(language, lesion);
  // That of a lesion: beside "normal" it would read as doubt of the normal.
  if (lesion.judgement != LesionClass::kNormalVariant)
    text.certainty = CertaintyText(language, lesion.probability);
  if (lesion.judgement == LesionClass::kLesion && lesion.probability_if_only &&
      *lesion.probability_if_only < cutoffs::kCertainFrom)
    text.certainty_if_only = CertaintyText(language, *lesion.probability_if_only);
  text.change = ChangeText(language, lesion.change);
  text.change_reason = ChangeReasonsText(language, lesion.change_reasons);
  AddMeasures(language, lesion, text);
  text.description = Description(language, lesion, text);
  text.in_variants = InVariants(lesion);
  return text;
}

// "Normal for age or variant, not counted as lesions: mandible (8, 9) and left foot (10)."
std::string Variants(Language language, const std::vector<Lesion>& marks) {
  std::vector<const Lesion*> variants;
  for (const Lesion& mark : marks) {
    if (InVariants(mark)) variants.push_back(&mark);
  }
  const std::vector<std::string> sites = SitesWithNumbers(language, variants);
  if (sites.empty()) return {};
  return Say(language, "Normal for age or variant, not counted as lesions: ",
             "Altersentsprechend oder Normvariante, nicht als Herde gezählt: ") +
         Listed(language, sites) + ".";
}

LesionText ResolvedText(Language language, const Lesion& gone) {
  LesionText text;
  text.number = gone.number;
  text.site = Site(language, gone);
  if (gone.prior_volume_ml.value)  // The prior volume.
    text.volume = Short(language, *gone.prior_volume_ml.value) + " ml";
  text.change = ChangeText(language, gone.change);
  text.change_reason = ChangeReasonsText(language, gone.change_reasons);
  const std::string then =
      text.volume.empty() ? "" : " (" + text.volume + Say(language, " before", " zuvor") + ")";
  text.description = Sentence(text.site + ": " + text.change + then);
  return text;
}

std::vector<std::string> Limitations(const Findings& findings, Language language) {
  std::vector<std::string> lines;
  std::string coverage;
  const auto add_units = [&](const std::vector<UnitId>& units, std::string_view english,
                             std::string_view german) {
    if (units.empty()) return;
    coverage += (coverage.empty() ? "" : " ") + Say(language, english, german) +
                Listed(language, SidesJoined(language, units)) + ".";
  };
  add_units(findings.not_imaged,
            "Not imaged or not recognised: ", "Nicht abgebildet oder nicht erkannt: ");
  add_units(findings.partly_imaged, "Only partly assessed: ", "Nur teilweise beurteilt: ");
  if (!coverage.empty()) lines.push_back(coverage);
  const std::string gaps = NotAssessed(findings, language);
  if (!gaps.empty()) lines.push_back(gaps);
  for (const Caveat& caveat : findings.caveats) {
    // The list of units that were not imaged already says it, or that nothing was assessed.
    const bool said = !findings.not_imaged.empty() || !findings.evaluable;
    if (caveat.code == "partial_body" && said) continue;
    if (!findings.evaluable && caveat.code.starts_with("bone_")) continue;  // No bone is named.
    // Without an ADC series no mark has an ADC, which `gaps` says unless there is no mark.
    if (caveat.code == "no_adc" && !gaps.empty()) continue;
    lines.push_back(CaveatText(language, caveat));
  }
  lines.push_back(
      Say(language,
          "Research software: STIR-hyperintense bone lesions only; soft tissue, organs, joints "
          "not assessed.",
          "Forschungssoftware: nur STIR-hyperintense Knochenherde; Weichteile, Organe und "
          "Gelenke werden nicht beurteilt."));
  return lines;
}

}  // namespace

bool InVariants(const Lesion& mark) {
  return mark.judgement == LesionClass::kNormalVariant && mark.change == Change::kNoPrior;
}

ReportText WriteText(const Findings& findings, const ReportOptions& options) {
  const Language language = options.language;
  ReportText text;
  text.language = language;
  text.title = Say(language, "Osteon: bone lesions on whole-body MRI",
                   "Osteon: Knochenherde in der Ganzkörper-MRT");
  text.banner = Say(language, "UNVERIFIED - a radiologist must confirm",
                    "UNBESTÄTIGT (UNVERIFIED) - Bestätigung durch Radiologie erforderlich");
  text.impression = Impression(findings, language);
  text.limitations = Limitations(findings, language);
  if (const std::string technique = TechniqueText(language, findings.technique); !technique.empty())
    text.technique = Say(language, "Technique: ", "Technik: ") + technique;
  for (const RedFlag& flag : findings.patient.red_flags)
    text.red_flags.push_back(FlagText(language, flag));
  text.criteria = CriteriaText(language, findings.patient.criteria, findings.lesions);
  // A study that is not evaluable is not compared, whether or not there is a prior report.
  text.comparison = !findings.evaluable ? ""
                    : findings.prior    ? Say(language, "Compared with the Osteon report of ",
                                              "Verglichen mit dem Osteon-Bericht vom ") +
                                           Date(language, findings.prior->study_date)
                                     : Say(language, "No prior Osteon report for comparison.",
                                           "Kein früherer Osteon-Bericht zum Vergleich.");
  for (const Lesion& l : findings.lesions) text.lesions.push_back(TextOf(language, l));
  for (const Lesion& l : findings.other_marks) text.other_marks.push_back(TextOf(language, l));
  text.variants = Variants(language, findings.other_marks);
  if (findings.prior) {
    for (const Lesion& l : findings.prior->resolved) {
      text.resolved.push_back(ResolvedText(language, l));
    }
  }
  text.radiographs = FilmLines(findings, language);
  return text;
}

}  // namespace osteon
