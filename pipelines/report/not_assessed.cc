// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/not_assessed.h"

#include <utility>
#include <vector>

#include "pipelines/model/measures.h"
#include "pipelines/report/words.h"

namespace osteon {
namespace {

// Measures that some marks lack for the same reason.
struct Gap {
  std::string reason;   // English.
  std::string numbers;  // Numbers of these marks; empty: all marks.
  std::vector<std::string> quantities;
};

// Those of which a reader may want a measure: nobody misses one of a normal variant.
std::vector<const Lesion*> Marks(const Findings& findings) {
  std::vector<const Lesion*> marks;
  for (const Lesion& lesion : findings.lesions) marks.push_back(&lesion);
  for (const Lesion& mark : findings.other_marks) {
    if (mark.judgement != LesionClass::kNormalVariant) marks.push_back(&mark);
  }
  return marks;
}

// "no ADC series" and its like become one reason: the quantity names the contrast.
std::string WithoutContrast(const std::string& reason) {
  const bool series = reason.starts_with("no ") && reason.ends_with(" series");
  return series ? "no such series" : reason;
}

// Names begin with a capital, but not within a sentence: "mean ADC", "T1 signal".
std::string WithinSentence(std::string name) {
  const bool word = name.size() > 1 && name[0] >= 'A' && name[0] <= 'Z' && name[1] >= 'a';
  if (word) name[0] = static_cast<char>(name[0] - 'A' + 'a');
  return name;
}

void Add(std::vector<Gap>& gaps, const std::string& reason, const std::string& numbers,
         std::string quantity) {
  for (Gap& gap : gaps) {
    if (gap.reason != reason || gap.numbers != numbers) continue;
    gap.quantities.push_back(std::move(quantity));
    return;
  }
  gaps.push_back({reason, numbers, {std::move(quantity)}});
}

// Adds the reasons for which marks lack the measure, with the numbers of these marks.
void AddGaps(const LesionMeasure& measure, const std::vector<const Lesion*>& marks,
             Language language, std::vector<Gap>& gaps) {
  std::vector<std::pair<std::string, std::vector<int>>> lacking;
  for (const Lesion* mark : marks) {
    const Measured measured = measure.value(*mark);
    if (measured.value || CannotApply(measured.not_assessed)) continue;
    auto at = lacking.begin();
    while (at != lacking.end() && at->first != measured.not_assessed) ++at;
    if (at == lacking.end()) at = lacking.insert(at, {measured.not_assessed, {}});
    at->second.push_back(mark->number);
  }
  for (const auto& [reason, numbers] : lacking) {
    const bool all = numbers.size() == marks.size();
    Add(gaps, all ? WithoutContrast(reason) : reason, all ? "" : ListedNumbers(language, numbers),
        language == Language::kGerman ? std::string(measure.name_de)
                                      : WithinSentence(std::string(measure.name_en)));
  }
}

}  // namespace

std::string NotAssessed(const Findings& findings, Language language) {
  const std::vector<const Lesion*> marks = Marks(findings);
  std::vector<Gap> gaps;
  for (const LesionMeasure& measure : LesionMeasures()) {
    if (measure.remarkable_from) AddGaps(measure, marks, language, gaps);
  }
  std::string text;
  for (const Gap& gap : gaps) {
    text += text.empty() ? Say(language, "Not assessed: ", "Nicht beurteilt: ") : "; ";
    text += Listed(language, gap.quantities);
    std::string why = ReasonText(language, gap.reason);
    if (!gap.numbers.empty())
      why += (why.empty() ? "" : "; ") + Say(language, "no. ", "Nr. ") + gap.numbers;
    if (!why.empty()) text += " (" + why + ")";
  }
  return text.empty() ? text : text + ".";
}

}  // namespace osteon
