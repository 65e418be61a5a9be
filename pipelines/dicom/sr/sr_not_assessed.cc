// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/sr/sr_not_assessed.h"

#include <utility>

#include "pipelines/model/measures.h"

namespace osteon {
namespace {

// What lacks a value for one reason, as listed in the report.
struct Gap {
  std::string reason;  // English.
  std::vector<std::string> quantities;
};

void Add(std::vector<Gap>& gaps, const std::string& reason, std::string quantity) {
  for (Gap& gap : gaps) {
    if (gap.reason != reason) continue;
    gap.quantities.push_back(std::move(quantity));
    return;
  }
  gaps.push_back({reason, {std::move(quantity)}});
}

std::vector<const Lesion*> Marks(const Findings& findings) {
  std::vector<const Lesion*> marks;
  for (const Lesion& lesion : findings.lesions) marks.push_back(&lesion);
  for (const Lesion& mark : findings.other_marks) marks.push_back(&mark);
  return marks;
}

// " (no. 2, 4)"; nothing when it is all of them.
std::string Numbers(const std::vector<int>& numbers, std::size_t all, Language language) {
  if (numbers.size() == all) return {};
  std::string text = language == Language::kGerman ? " (Nr. " : " (no. ";
  for (std::size_t n = 0; n < numbers.size(); ++n) {
    text += (n > 0 ? ", " : "") + std::to_string(numbers[n]);
  }
  return text + ")";
}

void AddOfMarks(const Findings& findings, Language language, std::vector<Gap>& gaps) {
  const std::vector<const Lesion*> marks = Marks(findings);
  for (const LesionMeasure& measure : LesionMeasures()) {
    std::vector<std::pair<std::string, std::vector<int>>> lacking;  // By reason, in order.
    for (const Lesion* mark : marks) {
      const Measured measured = measure.value(*mark);
      if (measured.value || CannotApply(measured.not_assessed)) continue;
      auto at = lacking.begin();
      while (at != lacking.end() && at->first != measured.not_assessed) ++at;
      if (at == lacking.end()) at = lacking.insert(at, {measured.not_assessed, {}});
      at->second.push_back(mark->number);
    }
    const bool german = language == Language::kGerman;
    for (const auto& [reason, numbers] : lacking) {
      Add(gaps, reason,
          std::string(german ? measure.name_de : measure.name_en) +
              Numbers(numbers, marks.size(), language));
    }
  }
}

std::string InWords(const Gap& gap, const ReportText& text) {
  const auto words = text.reasons.find(gap.reason);
  const std::string reason = words == text.reasons.end() ? gap.reason : words->second;
  std::string line = text.language == Language::kGerman ? "Nicht beurteilt" : "Not assessed";
  if (!reason.empty()) line += " (" + reason + ")";
  for (std::size_t n = 0; n < gap.quantities.size(); ++n) {
    line += (n > 0 ? ", " : ": ") + gap.quantities[n];
  }
  return line;
}

}  // namespace

std::vector<SrItem> NotAssessed(const Findings& findings, const ReportText& text) {
  const bool german = text.language == Language::kGerman;
  std::vector<Gap> gaps;
  for (const StudyMeasure& measure : StudyMeasures()) {
    const Measured measured = measure.value(findings);
    if (measured.value) continue;
    Add(gaps, measured.not_assessed, std::string(german ? measure.name_de : measure.name_en));
  }
  AddOfMarks(findings, text.language, gaps);
  std::vector<SrItem> items;
  for (const Gap& gap : gaps) {
    SrItem item = SrText(SrRelation::kContains, concepts::kComment, InWords(gap, text));
    item.children = {SrText(SrRelation::kConceptMod, concepts::kShortLabel, "not_assessed")};
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace osteon
