// SPDX-License-Identifier: GPL-3.0-or-later
// Texts about the study as a whole: technique, change, pattern; declared in words.h.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "pipelines/report/words.h"

namespace osteon {
namespace {

// Three significant digits without trailing zeros: "70", "1.5", "0.781".
std::string Compact(Language language, double v) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), v,
                                 std::chars_format::general, std::abs(v) >= 1000 ? 4 : 3)
                       .ptr;
  return LocalNumber(language, std::string(buffer.data(), end));
}

// ", TR/TE/TI 4500/70/165 ms", of those that are known.
std::string TimesText(Language language, const Technique& t) {
  std::string names, values;
  const auto add = [&](std::optional<double> value, const char* name) {
    if (!value) return;
    names += (names.empty() ? "" : "/") + std::string(name);
    values += (values.empty() ? "" : "/") + Compact(language, *value);
  };
  add(t.repetition_time_ms, "TR");
  add(t.echo_time_ms, "TE");
  add(t.inversion_time_ms, "TI");
  return names.empty() ? "" : ", " + names + " " + values + " ms";
}

}  // namespace

std::string ChangeText(Language language, Change change) {
  switch (change) {
    case Change::kNoPrior:
      return {};
    case Change::kNew:
      return Say(language, "new", "neu");
    case Change::kWorse:
      return Say(language, "worse", "zunehmend");
    case Change::kStable:
      return Say(language, "stable", "stabil");
    case Change::kImproved:
      return Say(language, "improved", "rückläufig");
    case Change::kResolved:
      return Say(language, "resolved", "nicht mehr nachweisbar");
    case Change::kNotComparable:
      return Say(language, "not comparable", "nicht vergleichbar");
  }
  return {};
}

// "new" says not_in_prior, which has no words.
std::string ChangeReasonsText(Language language, const std::vector<ChangeReason>& reasons) {
  static constexpr struct {
    std::string_view code, english, german;
  } kWords[] = {
      {"volume", "volume {0}", "Volumen {0}"},
      {"small_change", "too small in ml to count", "in ml zu gering, um zu zählen"},
      {"grade_higher", "signal grade higher", "Signalgrad höher"},
      {"grade_lower", "signal grade lower", "Signalgrad niedriger"},
      {"new_height_loss", "new vertebral height loss", "neue Höhenminderung des Wirbels"},
      {"new_signal_outside", "new signal outside the bone", "neues Signal außerhalb des Knochens"},
      {"normal_signal", "signal of normal marrow", "Signal wie normales Mark"},
      {"not_seen", "no lesion found there any more", "dort kein Herd mehr gefunden"},
      {"merged", "{0} earlier lesions have merged", "{0} frühere Herde sind verschmolzen"},
      {"part_of", "one of {0} parts of an earlier lesion", "einer von {0} Teilen eines Herdes"},
      {"not_imaged_then", "bone not imaged in the prior study",
       "Knochen in der Voruntersuchung nicht abgebildet"},
      {"other_sequence", "other sequence than in the prior study",
       "andere Sequenz als in der Voruntersuchung"}};
  std::string text;
  for (const ChangeReason& reason : reasons) {
    for (const auto& words : kWords) {
      if (words.code != reason.code) continue;
      const double value = reason.value.value_or(0);
      const std::string number =
          reason.code == "volume" ? PercentChange(language, value) : Number(language, value, 0);
      text +=
          (text.empty() ? "" : ", ") + Filled(Say(language, words.english, words.german), {number});
    }
  }
  return text;
}

std::string PercentChange(Language language, double percent) {
  const std::string number = Number(language, percent, 0);
  return (percent >= 0.5 ? "+" : "") + number + " %";
}

std::string PatternText(Language language, const std::string& pattern) {
  if (pattern == "mixed") return Say(language, "tibia and clavicle", "Tibia und Klavikula");
  if (language == Language::kEnglish) return pattern;
  if (pattern == "tibio-appendicular") return "tibio-appendikulär";
  if (pattern == "claviculo-spinal") return "klavikulo-spinal";
  return pattern;
}

std::string TechniqueText(Language language, const Technique& t) {
  if (t.contrast == Contrast::kOther) return {};
  static constexpr WordPair kPlanes[] = {{"Coronal", "Koronare"},
                                         {"Sagittal", "Sagittale"},
                                         {"Axial", "Axiale"},
                                         {"Oblique", "Schräge"}};
  static constexpr WordPair kContrasts[] = {{"T1 post contrast", "T1 nach Kontrastmittel"},
                                            {"DWI", "Diffusion"}};
  const WordPair& plane = kPlanes[static_cast<std::size_t>(t.plane)];
  std::string text =
      Say(language, plane.english, plane.german) + " " + std::string(Name(t.contrast));
  if (t.field_strength_t)  // Nominal: the header of a 1.5 T scanner says 1.494.
    text += ", " + Compact(language, std::round(*t.field_strength_t * 10) / 10) + " T";
  text += TimesText(language, t);
  if (t.stations > 0)
    text += fmt::format(", {} {}", t.stations, Say(language, "stations", "Stationen"));
  text += ", " + Compact(language, t.spacing_mm.x) + " × " + Compact(language, t.spacing_mm.y) +
          " × " + Compact(language, t.spacing_mm.z) + " mm";
  for (Contrast other : t.others) {
    const std::string german = InGerman(kContrasts, Name(other));
    const std::string name(Name(other));
    text += "; " + (language == Language::kGerman && !german.empty() ? german : name);
  }
  return text;
}

}  // namespace osteon
