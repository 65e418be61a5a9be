// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/core.h>

#include "pipelines/evaluate/evaluate.h"

namespace osteon {
namespace {

std::string Number(double value, int decimals) { return fmt::format("{:.{}f}", value, decimals); }

std::string Percent(double share) { return Number(100 * share, 1) + " %"; }

// "[71.2 %, 93.0 %]", or why there is none.
template <typename Format>
std::string IntervalText(const std::optional<Interval>& ci, const Format& format) {
  if (!ci) return "[too few studies]";
  return "[" + format(ci->low) + ", " + format(ci->high) + "]";
}

std::string Text(const Proportion& p) {
  if (!p.value) return "none to count";
  return fmt::format("{}/{} = {} {}", p.hits, p.of, Percent(*p.value),
                     IntervalText(p.ci95, Percent));
}

std::string Text(const Rate& r) {
  if (!r.per_study) return "none to count";
  const auto two = [](double v) { return Number(v, 2); };
  return fmt::format("{} {} ({} in {} studies)", Number(*r.per_study, 2), IntervalText(r.ci95, two),
                     r.events, r.studies);
}

std::string Text(const Median& m) {
  if (!m.value) return "none to measure";
  const auto two = [](double v) { return Number(v, 2); };
  return fmt::format("{} {} ({} lesions)", Number(*m.value, 2), IntervalText(m.ci95, two), m.of);
}

std::string Line(const std::string& name, const std::string& value) {
  constexpr std::size_t kWidth = 28;
  const std::size_t used = name.size() + 2;
  return "  " + name + std::string(used < kWidth ? kWidth - used : 1, ' ') + value + "\n";
}

std::string Rows(const char* title, const std::vector<SensitivityRow>& rows) {
  std::string out = std::string("\n") + title + "\n";
  for (const SensitivityRow& row : rows) {
    std::string value = Text(row.sensitivity);
    if (row.dice.value) value += ", Dice " + Number(*row.dice.value, 2);
    out += Line(row.name, value);
  }
  return out;
}

std::string FrocText(const Froc& froc) {
  std::string out = "\nFROC\n";
  if (!froc.no_curve.empty()) out += "  No curve: " + froc.no_curve + ".\n";
  for (const FrocRate& rate : froc.at_rates) {
    const std::string name = "at " + Number(rate.false_positives_per_study, 3) + " FP/study";
    out += Line(name, rate.sensitivity
                          ? Percent(*rate.sensitivity) + " " + IntervalText(rate.ci95, Percent)
                          : "beyond the operating point");
  }
  return out;
}

std::string ListText(const std::string& title, const std::vector<std::string>& items) {
  if (items.empty()) return {};
  std::string out = "\n" + title + "\n";
  for (const std::string& item : items) out += "  " + item + "\n";
  return out;
}

}  // namespace

std::string EvaluationText(const Evaluation& evaluation) {
  const Summary& s = evaluation.summary;
  std::string out = fmt::format("Osteon against the reference: {} studies, {} with lesions",
                                s.studies, s.studies_with_lesions);
  if (evaluation.options.least_ml > 0) {
    out += " of at least " + Number(evaluation.options.least_ml, 2) + " ml";
  }
  if (s.studies_not_evaluable > 0) {
    out += fmt::format("; {} not evaluable for Osteon count as nothing found",
                       s.studies_not_evaluable);
  }
  out += "\n95 % intervals in brackets\n\n";
  out += Line("sensitivity", Text(s.sensitivity));
  out += Line("false positives per study", Text(s.false_positives));
  out += Line("  without lesions", Text(s.false_positives_without_lesions));
  out += Line("marks beside a lesion",
              fmt::format("{} of {} marks, counted as neither", s.marks_beside, s.marks));
  out += Line("Dice, median", Text(s.dice));
  out += Line("  lesions from 1 ml", Text(s.dice_from_1_ml));
  out += Line("site right", Text(s.site_right));
  out += Line("side right", Text(s.side_right));
  out += Line("site and side right", Text(s.place_right));
  out += Rows("Sensitivity by size", s.by_size);
  if (!s.by_site.empty()) out += Rows("Sensitivity by site", s.by_site);
  out += FrocText(s.froc);
  out += ListText("Only in the reference, in no figure", evaluation.only_in_truth);
  out += ListText("Only in the results, in no figure", evaluation.only_in_results);
  std::vector<std::string> unreadable;
  unreadable.reserve(evaluation.unreadable.size());
  for (const auto& [uid, reason] : evaluation.unreadable)
    unreadable.push_back(fmt::format("{}: {}", uid, reason));
  out += ListText("Could not be read, in no figure", unreadable);
  out += ListText("To know", evaluation.notes);
  return out;
}

}  // namespace osteon
