// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/contrast.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "pipelines/selection/frame_kind.h"
#include "pipelines/selection/reasons.h"

namespace osteon {
namespace {

// The largest b-value a name may state, s/mm2. Chosen: far above body diffusion (1000 to 2000).
constexpr int kMaxBInName = 5000;
// No upper limit, ms.
constexpr double kUnlimitedMs = 1e9;

// "b800" in "ep2d_diff_tra_b800".
std::optional<double> BValueInText(const Words& words) {
  for (const std::string& word : words) {
    if (word.size() < 2 || word[0] != 'b') continue;
    int value = 0;
    const auto [end, error] = std::from_chars(word.data() + 1, word.data() + word.size(), value);
    if (error == std::errc{} && end == word.data() + word.size() && value >= 0 &&
        value <= kMaxBInName) {
      return value;
    }
  }
  return std::nullopt;
}

// What the rules look at.
struct Facet {
  const Physics& p;
  const ContrastRules& rules;
  FrameKind kind;
  Words name;      // Of the description.
  Words all;       // Of description, protocol and sequence name: for what a name may add.
  Words sequence;  // Scanning Sequence: "se", "ir", "gr", "ep".
  Words options;

  bool SequenceHas(const char* value) const { return HasAny(sequence, {value}); }
  bool GradientEcho() const { return SequenceHas("gr") && !SequenceHas("se"); }
  bool EchoPlanar() const { return SequenceHas("ep"); }
  bool Derived() const { return p.image_type.starts_with("DERIVED"); }
  bool Localiser() const {
    return SaysLocaliser(p.image_type) || HasAny(name, rules.localiser_words);
  }
  bool FatSaturated() const {
    if (HasAny(options, {"fs", "fatsat*", "sfs"}) || HasAny(name, rules.fat_saturated_words)) {
      return true;
    }
    const auto fat = std::find(name.begin(), name.end(), "fat");
    return fat != name.end() && fat + 1 != name.end() && (fat + 1)->starts_with("sat");
  }
  bool NamesDixon() const {
    return HasAny(all, rules.dixon_words) || (!name.empty() && p.manufacturer.starts_with("GE") &&
                                              (Matches(name.front(), rules.water_words) ||
                                               Matches(name.front(), rules.other_part_words)));
  }
};

Facet FacetOf(const Physics& p, const std::string& description, const ContrastRules& rules) {
  return {p,
          rules,
          KindOf(p.image_type, p.complex_component),
          WordsOf(description),
          WordsOf(description + " " + p.protocol_name + " " + p.sequence_name),
          WordsOf(p.scanning_sequence),
          WordsOf(p.scan_options)};
}

// Which part of a Dixon decomposition: from the kind of the frame, else from the name. Siemens ends
// it with the part ("..._W"), GE begins with it ("WATER: ...").
FrameKind DixonPart(const Facet& f) {
  if (f.kind != FrameKind::kSignal || !f.NamesDixon() || f.name.empty()) return f.kind;
  const auto part = [&](const std::string& word) {
    if (Matches(word, f.rules.water_words)) return FrameKind::kWater;
    if (!Matches(word, f.rules.other_part_words)) return FrameKind::kSignal;
    if (word == "in" || word == "inphase" || word == "ip") return FrameKind::kInPhase;
    return word.starts_with("f") ? FrameKind::kFat : FrameKind::kOpposedPhase;
  };
  for (const std::string& word : {f.name.back(), f.name.front()}) {
    if (const FrameKind kind = part(word); kind != FrameKind::kSignal) return kind;
  }
  for (const std::string& word : f.name) {
    if (const FrameKind kind = part(word); kind != FrameKind::kSignal) return kind;
  }
  return FrameKind::kSignal;
}

// Grey values that are not signal, whatever the times of their sequence.
std::optional<ContrastVerdict> NoSignal(const Facet& f) {
  switch (f.kind) {
    case FrameKind::kPhase:
    case FrameKind::kMap:
    case FrameKind::kExponentialAdc:
    case FrameKind::kProjection:
    case FrameKind::kSubtraction: {
      const std::string type =
          f.p.image_type + (f.p.complex_component.empty() ? "" : ", " + f.p.complex_component);
      return Other("image_kind", std::string(Name(f.kind)) + " (Image Type " + type + ")",
                   {std::string(Name(f.kind)), type});
    }
    default:
      return std::nullopt;
  }
}

Against NotStir(const Facet& f);

std::optional<ContrastVerdict> Diffusion(const Facet& f) {
  const bool measured = f.p.b_value_s_per_mm2.value_or(0) > 0;
  const bool worded = f.kind == FrameKind::kTrace || HasAny(f.name, f.rules.diffusion_words) ||
                      f.p.acquisition_contrast == "DIFFUSION" ||
                      f.p.image_type.find("DIFFUSION") != std::string::npos;
  // The times of a STIR outweigh a word: "BH_exp" is a breath hold in expiration.
  const bool timed_as_stir = f.p.inversion_time_ms && !measured && NotStir(f).empty();
  if (timed_as_stir && f.kind != FrameKind::kAdc) return std::nullopt;
  const bool computed = f.EchoPlanar() || measured || f.Derived() || worded || f.sequence.empty();
  if (computed && HasAny(f.name, f.rules.exponential_words)) {
    return Other("exponential_by_name", "exponential ADC image, by its name");
  }
  if (f.kind == FrameKind::kAdc || (computed && HasAny(f.name, f.rules.adc_words))) {
    return Verdict(Contrast::kAdc, "adc", "apparent diffusion coefficient map");
  }
  const auto in_text = BValueInText(f.name);
  if (!measured && !(worded && (f.EchoPlanar() || in_text))) return std::nullopt;
  ContrastVerdict verdict =
      Verdict(Contrast::kDiffusion, "diffusion", "diffusion: " + Facts(f.p), {BareFacts(f.p)});
  if (!f.p.b_value_s_per_mm2) {
    verdict.b_value_s_per_mm2 = in_text;
    if (in_text)
      verdict.guess = fmt::format("its b-value of {:g} s/mm2 is that of its name", *in_text);
  }
  return verdict;
}

// Why an inversion recovery is not STIR; empty when it may be. Times that are not stated are no
// reason.
Against NotStir(const Facet& f) {
  const ContrastRules& r = f.rules;
  Against against;
  const auto check = [&](const char* name, const std::optional<double>& ms, double from,
                         double to) {
    if (!ms || (*ms >= from && *ms <= to)) return;
    const std::string is = fmt::format("{} {:g} ms", name, *ms);
    if (to >= kUnlimitedMs) {
      against.Add(fmt::format("{} is not at least {:g} ms", is, from),
                  fmt::format("{} (>= {:g} ms)", is, from));
    } else {
      against.Add(fmt::format("{} is not in {:g} to {:g} ms", is, from, to),
                  fmt::format("{} ({:g}-{:g} ms)", is, from, to));
    }
  };
  check("TI", f.p.inversion_time_ms, r.stir_min_ti_ms, r.stir_max_ti_ms);
  check("TE", f.p.echo_time_ms, r.stir_min_te_ms, kUnlimitedMs);
  check("TR", f.p.repetition_time_ms, r.stir_min_tr_ms, kUnlimitedMs);
  if (f.GradientEcho()) against.Add("a gradient echo", "GR");
  if (f.EchoPlanar()) against.Add("echo-planar", "EP");
  return against;
}

std::optional<ContrastVerdict> InversionRecovery(const Facet& f) {
  const ContrastRules& r = f.rules;
  const Physics& p = f.p;
  const bool worded = HasAny(f.all, r.stir_words) || p.acquisition_contrast == "STIR";
  const bool inversion = f.SequenceHas("ir") || p.inversion_time_ms.has_value();
  if (!inversion && !worded) return std::nullopt;
  const FrameKind part = DixonPart(f);
  if (part != FrameKind::kSignal && part != FrameKind::kWater && part != FrameKind::kTrace) {
    return Other("part_of_inversion",
                 std::string(Name(part)) + " of an inversion recovery: " + Facts(p),
                 {std::string(Name(part)), BareFacts(p)});
  }
  if (p.inversion_time_ms.value_or(0) > r.flair_min_ti_ms) {
    const std::string ti_ms = fmt::format("{:g}", *p.inversion_time_ms);
    return Other("flair", "fluid-attenuated inversion recovery: TI " + ti_ms + " ms", {ti_ms});
  }
  const Against against = NotStir(f);
  if (!against.empty()) {
    if (!inversion) return std::nullopt;  // Only the name says inversion.
    return Other("not_stir", "inversion recovery, not STIR: " + against.text, {against.bare});
  }
  if (p.inversion_time_ms) return Verdict(Contrast::kStir, "facts", Facts(p), {BareFacts(p)});
  // TI is not stated: the name decides, or the other times leave no other contrast.
  if (worded && !f.Localiser()) {
    return Verdict(Contrast::kStir, "stir_by_name", "by its name; " + Facts(p), {BareFacts(p)},
                   "taken for STIR by its name: TI is not stated");
  }
  if (!inversion) return std::nullopt;
  if (HasAny(f.all, r.flair_words)) {
    return Other("flair_by_name",
                 "fluid-attenuated inversion recovery by its name; TI is not stated");
  }
  if (p.echo_time_ms && p.repetition_time_ms &&
      *p.repetition_time_ms <= r.stir_max_tr_without_ti_ms && !f.Localiser()) {
    return Verdict(Contrast::kStir, "stir_without_ti",
                   "inversion recovery, TI not stated: " + Facts(p), {BareFacts(p)},
                   "taken for STIR by TR and TE: TI is not stated");
  }
  return Other("inversion_without_ti",
               "inversion recovery, TI not stated and no name of STIR: " + Facts(p),
               {BareFacts(p)});
}

std::optional<ContrastVerdict> T2Dixon(const Facet& f) {
  const FrameKind part = DixonPart(f);
  const bool part_of_dixon = part == FrameKind::kWater || part == FrameKind::kFat ||
                             part == FrameKind::kInPhase || part == FrameKind::kOpposedPhase;
  if (!part_of_dixon && !f.NamesDixon()) return std::nullopt;
  const double te_ms = f.p.echo_time_ms.value_or(0);
  const double tr_ms = f.p.repetition_time_ms.value_or(0);
  const bool long_te =
      f.p.echo_time_ms ? te_ms >= f.rules.dixon_t2_min_te_ms : tr_ms >= f.rules.dixon_t2_min_tr_ms;
  const bool long_tr = !f.p.repetition_time_ms || tr_ms >= f.rules.dixon_t2_min_tr_ms;
  // A T1 Dixon.
  if (f.GradientEcho() || f.EchoPlanar() || !long_te || !long_tr) return std::nullopt;
  if (part == FrameKind::kWater && !f.Localiser()) {
    return Verdict(Contrast::kDixonWater, "dixon_water", "Dixon water image; " + Facts(f.p),
                   {BareFacts(f.p)});
  }
  if (!part_of_dixon)
    return Other("t2_dixon_unsaid",
                 "T2 Dixon, neither Image Type nor name says which part: " + Facts(f.p),
                 {BareFacts(f.p)});
  return Other("t2_dixon_part", "T2 Dixon, " + std::string(Name(part)) + ": " + Facts(f.p),
               {std::string(Name(part)), BareFacts(f.p)});
}

ContrastVerdict Localiser(const Facet& f) {
  return Other("localiser", "localiser: " + Facts(f.p), {BareFacts(f.p)});
}

bool AgentGiven(const Facet& f) {
  if (f.p.contrast_agent) return true;
  if (HasAny(f.name, f.rules.without_words)) return false;
  return HasAny(f.name, f.rules.post_contrast_words);
}

std::optional<ContrastVerdict> T1(const Facet& f) {
  const ContrastRules& r = f.rules;
  const FrameKind part = DixonPart(f);
  const double tr_ms = f.p.repetition_time_ms.value_or(0);
  const bool short_te = f.p.echo_time_ms && *f.p.echo_time_ms <= r.t1_max_te_ms;
  const bool spin = !f.GradientEcho() && f.SequenceHas("se") && !f.EchoPlanar() &&
                    tr_ms >= r.t1_min_tr_ms && tr_ms <= r.t1_max_tr_ms && short_te;
  const bool dixon = part != FrameKind::kSignal && part != FrameKind::kTrace;
  const bool spoiled = f.GradientEcho() && !f.EchoPlanar() && tr_ms > 0 &&
                       tr_ms <= r.t1_gre_max_tr_ms && (dixon || HasAny(f.all, r.t1_words));
  const bool unsaid = f.sequence.empty() && (!f.p.repetition_time_ms || tr_ms <= r.t1_max_tr_ms) &&
                      (!f.p.echo_time_ms || short_te);
  const bool by_name = unsaid && HasAny(f.name, {"t1*"});
  if (!spin && !spoiled && !by_name) return std::nullopt;
  if (f.Localiser()) return Localiser(f);
  if (part == FrameKind::kFat || part == FrameKind::kOpposedPhase) {
    return Other("t1_dixon_part", "T1 Dixon, " + std::string(Name(part)) + ": " + Facts(f.p),
                 {std::string(Name(part)), BareFacts(f.p)});
  }
  if (part == FrameKind::kSignal && HasAny(f.all, r.dixon_words) && f.GradientEcho()) {
    return Other("t1_dixon_unsaid",
                 "T1 Dixon, neither Image Type nor name says which part: " + Facts(f.p),
                 {BareFacts(f.p)});
  }
  const std::string guess = by_name ? "taken for T1 by its name: the sequence is not stated" : "";
  if (AgentGiven(f)) {
    return Verdict(
        Contrast::kT1PostContrast, "t1_with_agent", Facts(f.p) + ", contrast agent",
        {BareFacts(f.p)},
        f.p.contrast_agent ? guess : "taken for post-contrast by its name: no agent is stated");
  }
  if (f.FatSaturated() || part == FrameKind::kWater) {
    return Other("t1_fat_suppressed", "T1 with fat suppressed and no contrast agent: " + Facts(f.p),
                 {BareFacts(f.p)});
  }
  return Verdict(Contrast::kT1, "facts", Facts(f.p), {BareFacts(f.p)}, guess);
}

// No rule applied: what was seen, and what STIR and T1 would have needed.
ContrastVerdict Nothing(const Facet& f) {
  if (f.Localiser()) return Localiser(f);
  return Other(
      "no_contrast",
      fmt::format("no contrast that is used here: {}; STIR needs an inversion (IR or TI) or a name "
                  "that says it, "
                  "T1 a spin echo with TR {:g} to {:g} ms and TE up to {:g} ms or a spoiled "
                  "gradient echo named "
                  "so",
                  Facts(f.p), f.rules.t1_min_tr_ms, f.rules.t1_max_tr_ms, f.rules.t1_max_te_ms),
      {BareFacts(f.p), fmt::format("{:g}", f.rules.t1_min_tr_ms),
       fmt::format("{:g}", f.rules.t1_max_tr_ms), fmt::format("{:g}", f.rules.t1_max_te_ms)});
}

}  // namespace

ContrastVerdict TellContrast(const Physics& physics, const std::string& description,
                             const ContrastRules& rules) {
  const Facet facet = FacetOf(physics, description, rules);
  if (HasAny(facet.name, rules.leave_out_words)) {
    return Other("left_out_by_word",
                 "its description has a word that the selection rules leave out");
  }
  for (const auto rule : {NoSignal, Diffusion, InversionRecovery, T2Dixon, T1}) {
    if (auto verdict = rule(facet)) return *verdict;
  }
  return Nothing(facet);
}

}  // namespace osteon
