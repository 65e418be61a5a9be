// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/contrast.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>

namespace osteon {
namespace {

using Words = std::vector<std::string>;

// Lower-case words of a text; '+' counts as a letter so that "T1 +C" keeps its sign.
Words WordsOf(const std::string& text) {
  Words words(1);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '+') {
      words.back() += static_cast<char>(std::tolower(byte));
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

bool Matches(const std::string& word, const std::string& pattern) {
  if (!pattern.ends_with('*')) return word == pattern;
  return word.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
}

bool HasAny(const Words& words, const Words& patterns) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return Matches(word, pattern); });
  });
}

std::string Number(const char* name, const std::optional<double>& value, const char* unit) {
  if (!value) return {};
  char text[64];
  std::snprintf(text, sizeof text, ", %s %g%s", name, *value, unit);
  return text;
}

// The facts the rules look at, in words: "SE\IR, TR 4500 ms, TE 70 ms, TI 165 ms".
std::string Facts(const Physics& p) {
  return (p.scanning_sequence.empty() ? "sequence not said" : p.scanning_sequence) +
         Number("TR", p.repetition_time_ms, " ms") + Number("TE", p.echo_time_ms, " ms") +
         Number("TI", p.inversion_time_ms, " ms") + Number("b", p.b_value_s_per_mm2, " s/mm2");
}

// "b800" in "ep2d_diff_tra_b800".
std::optional<double> BValueInText(const Words& words) {
  for (const std::string& word : words) {
    if (word.size() < 2 || word[0] != 'b') continue;
    int value = 0;
    const auto [end, error] = std::from_chars(word.data() + 1, word.data() + word.size(), value);
    if (error == std::errc{} && end == word.data() + word.size() && value >= 0 && value <= 5000) {
      return value;
    }
  }
  return std::nullopt;
}

// What one rule after the other looks at.
struct Facet {
  const Physics& p;
  Words text, type, sequence, options;
  const ContrastRules& rules;

  bool TypeHas(std::initializer_list<const char*> values) const {
    return HasAny(type, Words(values.begin(), values.end()));
  }
  bool SequenceHas(const char* value) const { return HasAny(sequence, {value}); }
  bool GradientEcho() const { return SequenceHas("gr") && !SequenceHas("se"); }
  bool Inversion() const {
    return SequenceHas("ir") || (p.inversion_time_ms && *p.inversion_time_ms > 0);
  }
  bool FatSaturated() const {
    return HasAny(options, {"fs", "fs*", "fatsat*"}) || HasAny(text, rules.fat_saturated_words);
  }
};

std::optional<ContrastVerdict> Derived(const Facet& f) {
  if (f.TypeHas({"localizer"}) || HasAny(f.text, f.rules.localiser_words)) {
    return ContrastVerdict{Contrast::kOther, "localiser", {}};
  }
  // Phase, real, imaginary, field maps and fitted curves are not signal.
  if (f.TypeHas(
          {"p", "phase", "r", "real", "i", "imaginary", "field", "b0", "fm", "subtraction"})) {
    return ContrastVerdict{Contrast::kOther, "phase, map or subtraction image", {}};
  }
  if (f.TypeHas({"mip", "projection", "mpr"})) {
    return ContrastVerdict{Contrast::kOther, "projection or reformatted image", {}};
  }
  return std::nullopt;
}

std::optional<ContrastVerdict> Diffusion(const Facet& f) {
  const bool exponential = f.TypeHas({"eadc", "exponential"}) || HasAny(f.text, {"eadc*", "exp*"});
  if (!exponential && (f.TypeHas({"adc"}) || HasAny(f.text, f.rules.adc_words))) {
    return ContrastVerdict{Contrast::kAdc, "apparent diffusion coefficient map", {}};
  }
  if (exponential) return ContrastVerdict{Contrast::kOther, "exponential ADC image", {}};
  const auto in_text = BValueInText(f.text);
  const bool worded = f.TypeHas({"diffusion", "tracew", "trace"}) ||
                      HasAny(f.text, f.rules.diffusion_words) ||
                      f.p.acquisition_contrast == "DIFFUSION";
  const bool planar = f.SequenceHas("ep");
  if (!f.p.b_value_s_per_mm2 && !(worded && (planar || in_text))) return std::nullopt;
  // Some vendors write b = 0 into everything; then it takes an echo-planar readout or a word to be
  // diffusion.
  if (f.p.b_value_s_per_mm2.value_or(1) == 0 && !worded && !planar) return std::nullopt;
  ContrastVerdict verdict{Contrast::kDiffusion, "diffusion: " + Facts(f.p), {}};
  if (!f.p.b_value_s_per_mm2) verdict.b_value_s_per_mm2 = in_text;
  return verdict;
}

std::optional<ContrastVerdict> InversionRecovery(const Facet& f) {
  const ContrastRules& r = f.rules;
  const Physics& p = f.p;
  const bool worded = HasAny(f.text, r.stir_words) || p.acquisition_contrast == "STIR";
  if (HasAny(f.text, r.flair_words) || p.inversion_time_ms.value_or(0) > r.flair_min_ti_ms) {
    return ContrastVerdict{Contrast::kOther, "fluid-attenuated inversion recovery", {}};
  }
  if (f.Inversion() && p.inversion_time_ms && *p.inversion_time_ms > 0) {
    const bool timed = *p.inversion_time_ms >= r.stir_min_ti_ms &&
                       *p.inversion_time_ms <= r.stir_max_ti_ms &&
                       p.repetition_time_ms.value_or(0) >= r.stir_min_tr_ms &&
                       (p.echo_time_ms.value_or(0) >= r.stir_min_te_ms || worded);
    if (timed && !f.GradientEcho()) return ContrastVerdict{Contrast::kStir, Facts(p), {}};
    return ContrastVerdict{Contrast::kOther, "inversion recovery, not STIR: " + Facts(p), {}};
  }
  const bool long_tr = p.repetition_time_ms.value_or(r.stir_min_tr_ms) >= r.stir_min_tr_ms;
  if (worded && long_tr && !f.GradientEcho()) {
    return ContrastVerdict{Contrast::kStir, "by its name; " + Facts(p), {}};
  }
  if (f.Inversion()) {
    return ContrastVerdict{Contrast::kOther, "inversion recovery, TI not said: " + Facts(p), {}};
  }
  return std::nullopt;
}

std::optional<ContrastVerdict> T2Dixon(const Facet& f) {
  const bool worded = HasAny(f.text, f.rules.dixon_words);
  const bool water_type = f.TypeHas({"w", "water"});
  if (!worded && !water_type) return std::nullopt;
  if (f.GradientEcho() || f.p.echo_time_ms.value_or(0) < f.rules.dixon_t2_min_te_ms) {
    return std::nullopt;  // A T1 Dixon.
  }
  if (water_type || (HasAny(f.text, f.rules.water_words) &&
                     !HasAny(f.text, f.rules.not_water_words) && !f.TypeHas({"f", "fat"}))) {
    return ContrastVerdict{Contrast::kDixonWater, "Dixon water image; " + Facts(f.p), {}};
  }
  return ContrastVerdict{Contrast::kOther, "Dixon image other than water", {}};
}

std::optional<ContrastVerdict> T1(const Facet& f) {
  const ContrastRules& r = f.rules;
  const double tr_ms = f.p.repetition_time_ms.value_or(0);
  const bool short_te = f.p.echo_time_ms.value_or(0) <= r.t1_max_te_ms;
  const bool spin = f.SequenceHas("se") && !f.SequenceHas("ep") && tr_ms >= r.t1_min_tr_ms &&
                    tr_ms <= r.t1_max_tr_ms && f.p.echo_time_ms && short_te;
  const bool spoiled =
      f.GradientEcho() && tr_ms > 0 && tr_ms <= r.t1_gre_max_tr_ms && HasAny(f.text, r.t1_words);
  const bool by_name = f.p.scanning_sequence.empty() && HasAny(f.text, {"t1*"}) && short_te &&
                       tr_ms <= r.t1_max_tr_ms;
  if (!spin && !spoiled && !by_name) return std::nullopt;
  if (f.TypeHas({"f", "fat", "opp", "out", "opposed"}) ||
      HasAny(f.text, {"f", "fat", "opp*", "op", "out*"})) {
    return ContrastVerdict{Contrast::kOther, "T1 Dixon image other than in-phase or water", {}};
  }
  const bool dark_fat =
      f.FatSaturated() || f.TypeHas({"w", "water"}) || HasAny(f.text, f.rules.water_words);
  const bool agent =
      f.p.contrast_agent || HasAny(f.text, r.post_contrast_words) || HasAny(f.text, {"+c"});
  if (agent) return ContrastVerdict{Contrast::kT1PostContrast, Facts(f.p) + ", contrast agent", {}};
  if (dark_fat) {
    return ContrastVerdict{Contrast::kOther, "T1 with fat suppressed and no contrast agent", {}};
  }
  return ContrastVerdict{Contrast::kT1, Facts(f.p), {}};
}

}  // namespace

ContrastVerdict TellContrast(const Physics& physics, const std::string& description,
                             const ContrastRules& rules) {
  const Facet facet{physics,
                    WordsOf(description),
                    WordsOf(physics.image_type),
                    WordsOf(physics.scanning_sequence),
                    WordsOf(physics.scan_options),
                    rules};
  for (const auto rule : {Derived, Diffusion, InversionRecovery, T2Dixon, T1}) {
    if (auto verdict = rule(facet)) return *verdict;
  }
  return {Contrast::kOther, "no contrast that is used here: " + Facts(physics), {}};
}

}  // namespace osteon
