// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/reasons.h"

#include <fmt/core.h>

#include <algorithm>

namespace osteon {
namespace {

std::string Number(const char* name, const std::optional<double>& value, const char* unit) {
  return value ? fmt::format(", {} {:g}{}", name, *value, unit) : std::string();
}

std::string FactsOr(const Physics& p, const char* no_sequence) {
  return (p.scanning_sequence.empty() ? no_sequence : p.scanning_sequence) +
         Number("TR", p.repetition_time_ms, " ms") + Number("TE", p.echo_time_ms, " ms") +
         Number("TI", p.inversion_time_ms, " ms") + Number("b", p.b_value_s_per_mm2, " s/mm2");
}

// Reasons listed in one sentence. Chosen for its length.
constexpr std::size_t kMostReasons = 3;

// The distinct reasons why series were left out while reading.
std::string LeftOutReasons(const Study& study, Eligibility eligibility) {
  std::vector<std::string> texts;
  for (const Study::LeftOut& out : study.left_out) {
    const bool damage = eligibility == Eligibility::kDamaged;
    if (damage != out.damaged) continue;
    const std::string text = damage ? out.what + ": " + out.reason : out.reason;
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }
  std::string list;
  for (std::size_t n = 0; n < std::min(texts.size(), kMostReasons); ++n) {
    list += (n == 0 ? "" : "; ") + texts[n];
  }
  if (texts.size() > kMostReasons)
    list += fmt::format("; and {} more", texts.size() - kMostReasons);
  return list;
}

}  // namespace

std::string Facts(const Physics& physics) { return FactsOr(physics, "sequence not stated"); }

std::string BareFacts(const Physics& physics) { return FactsOr(physics, "?"); }

ContrastVerdict Verdict(Contrast contrast, const char* code, const std::string& reason,
                        std::vector<std::string> values, std::string guess) {
  return {contrast, reason, {code, reason, std::move(values)}, std::move(guess), {}};
}

ContrastVerdict Other(const char* code, const std::string& reason,
                      std::vector<std::string> values) {
  return Verdict(Contrast::kOther, code, reason, std::move(values));
}

void Against::Add(const std::string& in_words, const std::string& without) {
  const char* separator = empty() ? "" : ", ";
  text += separator + in_words;
  bare += separator + without;
}

Phrases NotUsed(Phrase why) { return {{"not_used", "not used: "}, std::move(why)}; }

Phrase ContrastOf(const SeriesInfo& series) { return {"contrast", series.contrast_reason}; }

Phrase TakenAs(const Study& study, const StationGroup& group, std::size_t n) {
  const std::string contrast(Name(study.series[group.series[n]].contrast));
  const std::size_t stations = group.series.size();
  if (stations > 1)
    return {"taken_station",
            fmt::format("taken as {}, station {} of {}: ", contrast, n + 1, stations),
            {contrast, std::to_string(n + 1), std::to_string(stations)}};
  if (group.composed)
    return {"taken_composed", "taken as " + contrast + ", composed: ", {contrast}};
  return {"taken", "taken as " + contrast + ": ", {contrast}};
}

Phrases WhyNot(const Study& study, Eligibility eligibility, const Phrases& shortfall) {
  if (eligibility == Eligibility::kDamaged) {
    return {{"damaged", "no usable whole-body STIR, and a part of the study cannot be read: "},
            {"", LeftOutReasons(study, eligibility)}};
  }
  const Phrase none = {"not_whole_body", "not a whole-body MRI: "};
  if (!shortfall.empty()) {
    Phrases why = {none};
    why.insert(why.end(), shortfall.begin(), shortfall.end());
    return why;
  }
  if (study.series.empty()) {
    return {none,
            {"no_readable_image", "no MR image that can be read "},
            {"", "(" + LeftOutReasons(study, eligibility) + ")"}};
  }
  const std::string series = std::to_string(study.series.size());
  return {none,
          {"no_stir",
           "none of its " + series + " MR series is a STIR or T2 Dixon water image",
           {series}}};
}

}  // namespace osteon
