// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/impression.h"

#include <fmt/core.h>

#include <algorithm>

#include "pipelines/model/cutoffs.h"
#include "pipelines/report/words.h"

namespace osteon {
namespace {

std::vector<UnitId> UnitsOf(const std::vector<Lesion>& lesions) {
  std::vector<UnitId> units;
  units.reserve(lesions.size());
  for (const Lesion& lesion : lesions) units.push_back(lesion.unit);
  return units;
}

std::string WithStop(const std::string& text) { return text.ends_with('.') ? text : text + "."; }

std::string UnitsClause(const std::string& intro, const std::vector<UnitId>& units,
                        Language language) {
  if (units.empty()) return {};
  return " " + intro + Listed(language, SidesJoined(language, units)) + ".";
}

std::string NoLesion(const Findings& findings, Language language) {
  return Say(language, "No STIR-hyperintense bone lesion in the assessed skeleton.",
             "Kein STIR-hyperintenser Knochenherd im beurteilten Skelett.") +
         UnitsClause(Say(language,
                         "Not imaged or not recognised: ", "Nicht abgebildet oder nicht erkannt: "),
                     findings.not_imaged, language) +
         UnitsClause(Say(language, "Only partly assessed: ", "Nur teilweise beurteilt: "),
                     findings.partly_imaged, language);
}

bool Uncertain(const Lesion& lesion) { return lesion.probability < cutoffs::kCertainFrom; }

bool AllUncertain(const Findings& findings) {
  return std::ranges::all_of(findings.lesions, Uncertain);
}

std::string PercentText(Language language, double share) {
  return Number(language, 100 * share, 0) + " %";
}

// " Uncertain (certainty below 50 %): right ribs (3) and left clavicle (5)."
std::string UncertainOnes(const Findings& findings, Language language) {
  const std::string below = Say(language, "certainty below ", "Sicherheit unter ") +
                            PercentText(language, cutoffs::kCertainFrom);
  if (AllUncertain(findings))
    return Say(language, " All are uncertain (", " Alle sind unsicher (") + below + ").";
  std::vector<const Lesion*> uncertain;
  for (const Lesion& lesion : findings.lesions) {
    if (Uncertain(lesion)) uncertain.push_back(&lesion);
  }
  if (uncertain.empty()) return {};
  return Say(language, " Uncertain (", " Unsicher (") + below +
         "): " + Listed(language, SitesWithNumbers(language, uncertain)) + ".";
}

// "One STIR-hyperintense bone lesion: "
std::string OneLesion(const Lesion& lesion, Language language) {
  if (!Uncertain(lesion))
    return Say(language,
               "One STIR-hyperintense bone lesion: ", "Ein STIR-hyperintenser Knochenherd: ");
  const std::string certainty = PercentText(language, lesion.probability) + "): ";
  return Say(language, "One possible STIR-hyperintense bone lesion (certainty ",
             "Ein möglicher STIR-hyperintenser Knochenherd (Sicherheit ") +
         certainty;
}

// "Multifocal (n = 9), partly symmetric STIR-hyperintense bone lesions: "; "possibly" where it
// needs uncertain lesions.
std::string SeveralLesions(const Findings& findings, Language language) {
  const PatientSummary& patient = findings.patient;
  const bool doubtful = std::ranges::any_of(findings.lesions, Uncertain);
  const bool maybe_multifocal = doubtful && !patient.of_certain.multifocal;
  const bool maybe_symmetric = doubtful && patient.of_certain.symmetric_pairs.empty();
  std::string text =
      !patient.multifocal ? Say(language, "Several (n = ", "Mehrere (n = ")
      : maybe_multifocal
          ? Say(language, "Possibly multifocal (n = ", "Möglicherweise multifokale (n = ")
          : Say(language, "Multifocal (n = ", "Multifokale (n = ");
  text += std::to_string(findings.lesions.size()) + ")";
  if (!patient.symmetric_pairs.empty()) {
    text +=
        maybe_symmetric && !maybe_multifocal
            ? Say(language, ", possibly partly symmetric", ", möglicherweise teils symmetrische")
            : Say(language, ", partly symmetric", ", teils symmetrische");
  }
  return text +
         Say(language, " STIR-hyperintense bone lesions: ", " STIR-hyperintense Knochenherde: ");
}

// The answer to the question of the study: lesions or none, how many and where.
std::string Answer(const Findings& findings, Language language) {
  if (findings.lesions.empty()) return NoLesion(findings, language);
  const PatientSummary& patient = findings.patient;
  const bool one = findings.lesions.size() == 1;
  std::string text =
      one ? OneLesion(findings.lesions.front(), language) : SeveralLesions(findings, language);
  text += Listed(language, SidesJoined(language, UnitsOf(findings.lesions))) + ".";
  if (patient.hand_foot_count > 0) {
    text += Filled(
        Say(language, " Of these in hands and feet: {0}.", " Davon an Händen und Füßen: {0}."),
        {std::to_string(patient.hand_foot_count)});
  }
  if (!one) text += UncertainOnes(findings, language);
  return text;
}

// "Vertebral height loss: lesion 4 (thoracic spine): 30 %."
std::string HeightLoss(const Findings& findings, Language language) {
  std::vector<std::string> items;
  for (const Lesion& lesion : findings.lesions) {
    const auto& loss = lesion.height_loss_percent.value;
    if (!loss || *loss < cutoffs::kHeightLossPercent) continue;
    items.push_back(fmt::format("{} {} ({}): {} %", Say(language, "lesion", "Herd"), lesion.number,
                                UnitName(language, UnitOf(lesion.unit)),
                                Number(language, *loss, 0)));
  }
  if (items.empty() && !findings.patient.urgent_height_loss) return {};
  const bool urgent = findings.patient.urgent_height_loss;
  const std::string intro =
      !urgent ? Say(language, "Vertebral height loss", "Höhenminderung von Wirbelkörpern")
      : findings.prior  // Without one nobody knows since when.
          ? Say(language, "URGENT: new vertebral height loss",
                "DRINGEND: neue Höhenminderung eines Wirbelkörpers")
          : Say(language, "URGENT: vertebral height loss",
                "DRINGEND: Höhenminderung eines Wirbelkörpers");
  return intro + (items.empty() ? "" : ": " + Listed(language, items)) + ".";
}

// The units of the lesions with this change; for resolved ones, where they were.
std::vector<UnitId> UnitsThatAre(Change change, const Findings& findings) {
  std::vector<UnitId> units;
  const auto add = [&](const std::vector<Lesion>& marks) {
    for (const Lesion& mark : marks) {
      if (mark.change == change) units.push_back(mark.unit);
    }
  };
  add(findings.lesions);
  if (change != Change::kResolved) return units;
  add(findings.other_marks);
  add(findings.prior->resolved);
  return units;
}

// Earlier lesions of which a mark is left that is no longer a lesion; they are not counted.
std::string NoLongerLesions(const Findings& findings, Language language) {
  std::vector<UnitId> units;
  for (const Lesion& mark : findings.other_marks) {
    if (mark.change == Change::kWorse || mark.change == Change::kStable ||
        mark.change == Change::kImproved)
      units.push_back(mark.unit);
  }
  if (units.empty()) return {};
  return Say(language, " Earlier lesions, now indeterminate or like a variant, not counted: ",
             " Frühere Herde, jetzt unklar oder wie eine Variante, nicht gezählt: ") +
         Listed(language, SidesJoined(language, units)) + ".";
}

// "Compared with 12 Mar 2026: 1 new (right ilium), 2 stable and 1 resolved (left distal tibia)."
std::string Comparison(const Findings& findings, Language language) {
  if (!findings.prior) return {};
  std::vector<std::string> items;
  for (Change change : {Change::kNew, Change::kWorse, Change::kStable, Change::kImproved,
                        Change::kResolved, Change::kNotComparable}) {
    const auto count = findings.prior->counts.find(change);
    if (count == findings.prior->counts.end() || count->second == 0) continue;
    std::string item = fmt::format("{} {}", count->second, ChangeText(language, change));
    const bool named =
        change == Change::kNew || change == Change::kWorse || change == Change::kResolved;
    const auto units = named ? UnitsThatAre(change, findings) : std::vector<UnitId>();
    if (!units.empty()) item += " (" + Listed(language, SidesJoined(language, units)) + ")";
    items.push_back(std::move(item));
  }
  const std::string rest = NoLongerLesions(findings, language);
  const std::string intro = Say(language, "Compared with ", "Im Vergleich zum ") +
                            Date(language, findings.prior->study_date) + ": ";
  if (items.empty() && rest.empty())
    return intro + Say(language, "no lesion then or now.", "damals wie jetzt kein Herd.");
  if (items.empty()) return intro + Say(language, "no lesion now.", "jetzt kein Herd.") + rest;
  return intro + Listed(language, items) + "." + rest;
}

// How far the lesions fit CNO. A single one fits other causes as well: the criteria of Bristol want
// more than one bone, or the clavicle alone (Roderick 2016).
std::string Possible(const Findings& findings, Language language) {
  const bool doubtful = AllUncertain(findings);
  const bool single =
      findings.lesions.size() == 1 && UnitOf(findings.lesions.front().unit).bone != "clavicle";
  if (single) {
    return (doubtful ? Say(language, "If confirmed: ", "Falls bestätigt: ")
                     : Say(language, "A single lesion: ", "Ein einzelner Herd: ")) +
           Say(language, "CNO is possible, as are infection and tumour",
               "CNO möglich, ebenso Infektion und Tumor");
  }
  return doubtful
             ? Say(language, "If confirmed: compatible with CNO in the fitting clinical setting",
                   "Falls bestätigt: vereinbar mit einer CNO bei passender Klinik")
             : Say(language, "Compatible with CNO in the fitting clinical setting",
                   "Vereinbar mit einer CNO bei passender Klinik");
}

std::string Pattern(const Findings& findings, Language language) {
  if (findings.lesions.empty()) return {};
  const std::string& pattern = findings.patient.pattern;
  std::string text;
  if (!pattern.empty() && pattern != "none") {
    const bool uncertain = std::ranges::any_of(findings.lesions, Uncertain) &&
                           findings.patient.of_certain.pattern != pattern;
    text = Say(language, "Distribution: ", "Verteilungsmuster: ") + PatternText(language, pattern) +
           (uncertain ? " (" + OnlyUncertain(language, findings.lesions) + ")" : "") + ". ";
  }
  if (findings.patient.atypical) {
    return text +
           Say(language, "Atypical for CNO: exclude infection and malignancy; consider biopsy.",
               "Für eine CNO untypisch: Infektion und Malignom ausschließen; Biopsie erwägen.");
  }
  text += Possible(findings, language);
  if (findings.patient.red_flags.empty()) return text + ".";
  return text + Say(language, "; the less typical features named are to be weighed clinically.",
                    "; die genannten weniger typischen Merkmale sind klinisch zu werten.");
}

// Weak flags alone get a milder heading.
std::string RedFlags(const Findings& findings, Language language) {
  std::string text;
  for (const RedFlag& flag : findings.patient.red_flags) {
    text += (text.empty() ? "" : " ") + FlagText(language, flag);
  }
  if (text.empty()) return text;
  return (findings.patient.atypical
              ? Say(language, "Red flags: ", "Warnzeichen: ")
              : Say(language, "Less typical of CNO: ", "Für eine CNO weniger typisch: ")) +
         text;
}

std::string OtherMarks(const Findings& findings, Language language) {
  const auto count = [&](LesionClass c) {
    return std::ranges::count(findings.other_marks, c, &Lesion::judgement);
  };
  const auto unclear = count(LesionClass::kIndeterminate);
  const auto variants = count(LesionClass::kNormalVariant);
  std::string text;
  if (unclear > 0) {
    text = fmt::format("{} {}", unclear, Say(language, "indeterminate", "unklar"));
  }
  if (variants > 0) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", variants,
                        Say(language, "normal for age or variant",
                            variants == 1 ? "altersentsprechender Befund oder Normvariante"
                                          : "altersentsprechende Befunde oder Normvarianten"));
  }
  if (text.empty()) return text;
  return Say(language, "Further marks, not counted as lesions: ",
             "Weitere Markierungen, nicht als Herde gezählt: ") +
         text + ".";
}

// The limitations that could change the result; WriteText lists the others below the impression.
std::string LimitsOfTheAnswer(const Findings& findings, Language language) {
  constexpr std::string_view kChangeTheAnswer[] = {"incomplete_study", "imaged_not_used",
                                                   "series_left_out", "contrast_guessed",
                                                   "frames_of_reference_joined"};
  std::string text;
  for (const Caveat& caveat : findings.caveats) {
    if (std::ranges::find(kChangeTheAnswer, caveat.code) == std::end(kChangeTheAnswer)) continue;
    text += (text.empty() ? "" : " ") + WithStop(CaveatText(language, caveat));
  }
  return text.empty() ? text : Say(language, "Limited: ", "Eingeschränkt: ") + text;
}

std::string TotalVolume(const Findings& findings, Language language) {
  if (findings.lesions.empty()) return {};
  const PatientSummary& patient = findings.patient;
  std::string text = Say(language, "Total lesion volume ", "Gesamtvolumen der Herde ") +
                     Short(language, patient.total_volume_ml) + " ml";
  return text + ".";
}

}  // namespace

std::vector<std::string> Impression(const Findings& findings, Language language) {
  if (!findings.evaluable) {
    return {
        Say(language, "Not evaluable: ", "Nicht auswertbar: ") +
            WithStop(ReasonText(language, findings.not_evaluable_reason)),
        Say(language, "This is not a negative result. The images must be read without Osteon.",
            "Dies ist kein unauffälliger Befund. Die Bilder müssen ohne Osteon befundet werden.")};
  }
  std::vector<std::string> lines;
  const std::string height = HeightLoss(findings, language);
  if (findings.patient.urgent_height_loss) lines.push_back(height);
  lines.push_back(Answer(findings, language));
  if (!findings.patient.urgent_height_loss) lines.push_back(height);
  for (const std::string& line :
       {Comparison(findings, language), RedFlags(findings, language), Pattern(findings, language),
        OtherMarks(findings, language), TotalVolume(findings, language),
        LimitsOfTheAnswer(findings, language)}) {
    lines.push_back(line);
  }
  std::erase(lines, std::string());
  return lines;
}

}  // namespace osteon
