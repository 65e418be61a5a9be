// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/text.h"

#include <map>

#include "pipelines/model/measures.h"
#include "pipelines/report/films.h"
#include "pipelines/report/impression.h"
#include "pipelines/report/words.h"

namespace osteon {
namespace {

// An en dash is not in every viewer's font for SR text; the multiplication sign is.
std::string Size(Language language, const Lesion& lesion) {
  return Number(language, lesion.length_mm, 0) + " × " + Number(language, lesion.width_mm, 0) +
         " × " + Number(language, lesion.depth_mm, 0) + " mm";
}

std::string Site(Language language, const Lesion& lesion) {
  const std::string segment = SegmentName(language, lesion.segment);
  return UnitName(language, UnitOf(lesion.unit)) + (segment.empty() ? "" : ", " + segment);
}

std::string Signal(Language language, const Lesion& lesion) {
  std::string text;
  if (lesion.stir_to_muscle.value) {
    text =
        Number(language, *lesion.stir_to_muscle.value, 1) + Say(language, " × muscle", " × Muskel");
  }
  if (lesion.signal_grade.value) {
    text += (text.empty() ? "" : ", ") + Say(language, "grade ", "Grad ") +
            Number(language, *lesion.signal_grade.value, 0);
  }
  return text.empty() ? Say(language, "not assessed", "nicht beurteilt") : text;
}

std::string UnitText(Code unit) {
  if (unit == concepts::kRatioUnit || unit == concepts::kNoUnits) return {};
  if (unit == concepts::kUm2PerSecond) return " × 10⁻⁶ mm²/s";
  return " " + std::string(unit.value);
}

bool IsSize(const LesionMeasure& measure) {
  return measure.key == "length_mm" || measure.key == "width_mm" || measure.key == "depth_mm";
}

// A volume with the digits that it is good for, the rest with those of the table.
std::string ValueText(Language language, const LesionMeasure& measure, double value) {
  if (measure.unit == concepts::kMillilitre) return Short(language, value) + " ml";
  return Number(language, value, measure.decimals) + UnitText(measure.unit);
}

// What no reader would look for at that site.
bool CannotApply(const Measured& value) { return value.not_assessed == "not a vertebra"; }

// Fills `measures` and `not_assessed`, the latter grouped by reason.
void AddMeasures(Language language, const Lesion& lesion, bool has_prior, LesionText& text) {
  std::map<std::string, std::vector<std::string>> missing;
  for (const LesionMeasure& measure : LesionMeasures()) {
    if (IsSize(measure) || (measure.key == "prior_volume_ml" && !has_prior)) continue;
    const std::string name(language == Language::kGerman ? measure.name_de : measure.name_en);
    const Measured value = measure.value(lesion);
    if (value.value) {
      text.measures.emplace_back(name, ValueText(language, measure, *value.value));
    } else if (!CannotApply(value)) {
      missing[ReasonText(language, value.not_assessed)].push_back(name);
    }
  }
  const std::string intro = Say(language, "Not assessed: ", "Nicht beurteilt: ");
  for (const auto& [reason, names] : missing) {
    text.not_assessed += text.not_assessed.empty() ? intro : "; ";
    text.not_assessed += Listed(language, names) + (reason.empty() ? "" : " (" + reason + ")");
  }
}

// First letter large; sites begin with an ASCII letter in both languages.
std::string Sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text + ".";
}

std::string Description(Language language, const Lesion& lesion, const LesionText& text) {
  std::string all = Sentence(text.site + ", " + text.size);
  const std::string physis = PhysisText(language, lesion.physis);
  if (!physis.empty()) all += " " + Sentence(physis);
  if (!text.change.empty()) {
    all += " " + Say(language, "Since the prior study: ", "Seit der Voruntersuchung: ") +
           text.change + (text.change_reason.empty() ? "." : " (" + text.change_reason + ").");
  }
  for (const auto& [name, value] : text.measures) all += " " + Sentence(name + " " + value);
  return text.not_assessed.empty() ? all : all + " " + text.not_assessed + ".";
}

LesionText TextOf(Language language, const Lesion& lesion, bool has_prior) {
  LesionText text;
  text.number = lesion.number;
  text.site = Site(language, lesion);
  text.size = Size(language, lesion);
  text.volume = Short(language, lesion.volume_ml) + " ml";
  text.signal = Signal(language, lesion);
  text.certainty = Number(language, 100 * lesion.probability, 0) + " %";
  text.change = ChangeText(language, lesion.change);
  text.change_reason = ChangeReasonsText(language, lesion.change_reasons);
  AddMeasures(language, lesion, has_prior, text);
  text.description = Description(language, lesion, text);
  return text;
}

LesionText ResolvedText(Language language, const Lesion& gone) {
  LesionText text;
  text.number = gone.number;
  text.site = Site(language, gone);
  if (gone.prior_volume_ml.value)  // Of then.
    text.volume = Short(language, *gone.prior_volume_ml.value) + " ml";
  text.change = ChangeText(language, gone.change);
  text.change_reason = ChangeReasonsText(language, gone.change_reasons);
  text.description = Sentence(text.site + ": " + text.change);
  return text;
}

std::vector<std::string> Limitations(const Findings& findings, Language language) {
  std::vector<std::string> lines;
  const auto add_units = [&](const std::vector<UnitId>& units, std::string_view english,
                             std::string_view german) {
    if (units.empty()) return;
    lines.push_back(Say(language, english, german) +
                    Listed(language, SidesJoined(language, units)) + ".");
  };
  add_units(findings.not_imaged, "Not imaged, so not normal by this report: ",
            "Nicht abgebildet, also durch diesen Bericht nicht unauffällig: ");
  add_units(findings.partly_imaged, "Only partly assessed: ", "Nur teilweise beurteilt: ");
  for (const Caveat& caveat : findings.caveats) {
    // The list of what is not imaged says it already, and in the words of the report.
    if (caveat.code == "partial_body" && !findings.not_imaged.empty()) continue;
    lines.push_back(CaveatText(language, caveat));
  }
  lines.push_back(
      Say(language,
          "Research software. Finds STIR-hyperintense bone lesions only; soft tissue, organs and "
          "joints are not assessed.",
          "Forschungssoftware. Erkennt nur STIR-hyperintense Knochenherde; Weichteile, Organe und "
          "Gelenke werden nicht beurteilt."));
  return lines;
}

std::map<std::string, std::string> Reasons(const Findings& findings, Language language) {
  std::map<std::string, std::string> reasons;
  const auto add = [&](const Measured& value) {
    if (!value.value) reasons[value.not_assessed] = ReasonText(language, value.not_assessed);
  };
  for (const auto* marks : {&findings.lesions, &findings.other_marks}) {
    for (const Lesion& mark : *marks)
      for (const LesionMeasure& measure : LesionMeasures()) add(measure.value(mark));
  }
  for (const StudyMeasure& measure : StudyMeasures()) add(measure.value(findings));
  return reasons;
}

}  // namespace

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
  text.criteria = CriteriaText(language, findings.patient.criteria);
  text.reasons = Reasons(findings, language);
  text.comparison = findings.prior ? Say(language, "Compared with the Osteon report of ",
                                         "Verglichen mit dem Osteon-Bericht vom ") +
                                         Date(language, findings.prior->study_date)
                                   : Say(language, "No prior Osteon report for comparison.",
                                         "Kein früherer Osteon-Bericht zum Vergleich.");
  const bool has_prior = findings.prior.has_value();
  for (const Lesion& l : findings.lesions) text.lesions.push_back(TextOf(language, l, has_prior));
  for (const Lesion& l : findings.other_marks) {
    text.other_marks.push_back(TextOf(language, l, has_prior));
  }
  if (has_prior) {
    for (const Lesion& l : findings.prior->resolved) {
      text.resolved.push_back(ResolvedText(language, l));
    }
  }
  text.radiographs = FilmLines(findings, language);
  return text;
}

}  // namespace osteon
