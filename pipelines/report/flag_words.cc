// SPDX-License-Identifier: GPL-3.0-or-later
// Texts of red flags and of imaging items of criteria; declared in words.h.
#include <algorithm>

#include "pipelines/model/cutoffs.h"
#include "pipelines/report/words.h"

namespace osteon {
namespace {

// {0}, {1}: RedFlag::values with `decimals`; {lesions}: the lesions' numbers; {side}: left or right
// by the sign of the last value.
struct FlagWords {
  std::string_view code;
  int decimals;
  std::string_view english, german;
};

constexpr FlagWords kFlags[] = {
    {"young_age", 1, "Age {0} years; CNO is rare below 3 to 4 years",
     "Alter {0} Jahre; unter 3 bis 4 Jahren ist eine CNO selten"},
    {"many_small_child", 1, "{0} lesions at {1} years, in shaft or skull: {lesions}",
     "{0} Herde mit {1} Jahren, in Schaft oder Schädel: {lesions}"},
    {"ring_like_lesion", 2, "Dark centre ({lesions}): signal of the centre {0} of the rim",
     "Dunkles Zentrum ({lesions}): Signal des Zentrums das {0}-Fache des Randes"},
    {"off_the_physis", 0, "None of {0} lesions lies near a growth plate; in CNO 87 % do",
     "Keiner von {0} Herden liegt an einer Wachstumsfuge; bei CNO sind es 87 %"},
    {"diffuse_marrow", 0, "Lesions fill {0} % of the imaged bone",
     "Herde nehmen {0} % des abgebildeten Knochens ein"},
    {"patchy_lesions", 0, "Signal varies by more than {0} % of its mean within {lesions}",
     "Signal schwankt um mehr als {0} % seines Mittels innerhalb von: {lesions}"},
    {"restricted_diffusion", 0, "Restricted diffusion ({lesions}): ADC down to {0} × 10⁻⁶ mm²/s",
     "Diffusionsrestriktion ({lesions}): ADC bis hinab zu {0} × 10⁻⁶ mm²/s"},
    {"soft_tissue_mass", 1, "Soft-tissue signal ({lesions}): up to {0} ml",
     "Weichteilsignal ({lesions}): bis zu {0} ml"},
    {"skull_lesion", 0, "Skull: {lesions}; rare in CNO", "Schädel: {lesions}; bei CNO selten"},
    {"flat_bone_young", 1, "Rib, skull or flattened vertebra ({lesions}) at {0} years",
     "Rippe, Schädel oder abgeflachter Wirbel ({lesions}) mit {0} Jahren"},
    {"long_shaft_lesion", 1,
     "Half a shaft or more, and expanded ({lesions}): at least {0} times the other side",
     "Halber Schaft oder mehr, und aufgetrieben ({lesions}): mindestens das {0}-Fache der "
     "Gegenseite"},
    {"one_sided", 0, "All {0} lesions of paired bones are on the {side}",
     "Alle {0} Herde paariger Knochen liegen {side}"},
};

constexpr WordPair kEntities[] = {
    {"metastases of neuroblastoma", "Metastasen eines Neuroblastoms"},
    {"mycobacteriosis", "Mykobakteriose"},
    {"lymphoma or leukaemia", "Lymphom oder Leukämie"},
    {"primary bone lymphoma", "primäres Knochenlymphom"},
    {"Langerhans cell histiocytosis", "Langerhans-Zell-Histiozytose"},
    {"polyostotic fibrous dysplasia", "polyostotische fibröse Dysplasie"},
    {"malignancy or abscess", "Malignom oder Abszess"}};

constexpr WordPair kItems[] = {
    {"symmetric lesions", "symmetrische Herde"},
    {"vertebra, clavicle or sternum", "Wirbel, Klavikula oder Sternum"},
    {"more than one lesion", "mehr als ein Herd"},
    {"more than one bone, or clavicle alone", "mehr als ein Knochen oder Klavikula allein"},
    {"mandible or clavicle", "Mandibula oder Klavikula"},
    {"multifocal", "multifokal"},
    {"symmetric", "symmetrisch"}};

// In English where there is no German name yet.
std::string EntityName(Language language, const std::string& english) {
  const std::string german =
      language == Language::kGerman ? InGerman(kEntities, english) : std::string();
  return german.empty() ? english : german;
}

// Whole numbers from 2 up, which are counts, get no decimals.
std::string FlagNumber(Language language, double value, int decimals) {
  return Number(language, value, value == static_cast<int>(value) && value >= 2 ? 0 : decimals);
}

std::string LesionNumbers(Language language, const std::vector<int>& lesions) {
  return (lesions.size() == 1 ? Say(language, "lesion ", "Herd ")
                              : Say(language, "lesions ", "Herde ")) +
         ListedNumbers(language, lesions);
}

}  // namespace

std::string FlagText(Language language, const RedFlag& flag) {
  std::string text = flag.code;
  for (const FlagWords& words : kFlags) {
    if (words.code != flag.code) continue;
    std::vector<std::string> values;
    for (double v : flag.values) values.push_back(FlagNumber(language, v, words.decimals));
    text = Filled(language == Language::kGerman ? words.german : words.english, values);
    text = Replaced(text, "{lesions}", LesionNumbers(language, flag.lesions));
    const bool right = !flag.values.empty() && flag.values.back() < 0;
    text = Replaced(text, "{side}",
                    right ? Say(language, "right", "rechts") : Say(language, "left", "links"));
  }
  std::vector<std::string> notes;
  if (const std::string entity = EntityName(language, flag.suggests); !entity.empty())
    notes.push_back(Say(language, "consider " + entity, entity + " erwägen"));
  if (flag.uncertain)
    notes.push_back(Say(language, "rests on marks that may not be lesions",
                        "beruht auf Markierungen, die keine Herde sein müssen"));
  for (std::size_t n = 0; n < notes.size(); ++n) text += (n == 0 ? " (" : "; ") + notes[n];
  return text + (notes.empty() ? "." : ").");
}

std::string OnlyUncertain(Language language, const std::vector<Lesion>& lesions) {
  std::vector<int> numbers;
  for (const Lesion& lesion : lesions) {
    if (lesion.probability < cutoffs::kCertainFrom) numbers.push_back(lesion.number);
  }
  if (numbers.size() != 1)
    return Say(language, "only with uncertain lesions", "nur mit unsicheren Herden");
  return Say(language, "only with uncertain lesion ", "nur mit dem unsicheren Herd ") +
         std::to_string(numbers.front());
}

std::string CriteriaText(Language language, const std::vector<CriterionItem>& items,
                         const std::vector<Lesion>& lesions) {
  if (items.empty()) return {};
  const auto certain = [](const CriterionItem& i) { return i.present && !i.uncertain; };
  // Said once where it is true of all that is met.
  const bool all_uncertain =
      std::ranges::any_of(items, &CriterionItem::uncertain) && std::ranges::none_of(items, certain);
  const std::string note = OnlyUncertain(language, lesions);
  std::string text =
      Say(language, "Imaging criteria met (no score", "Erfüllte Bildkriterien (kein Score") +
      (all_uncertain ? "; " + note : "") + "): ";
  for (std::size_t begin = 0; begin < items.size();) {
    std::size_t end = begin;
    std::string met;
    for (; end < items.size() && items[end].criteria == items[begin].criteria; ++end) {
      if (!items[end].present) continue;
      const std::string& item = items[end].item;
      met += (met.empty() ? "" : "; ") +
             (language == Language::kGerman ? InGerman(kItems, item) : item);
      if (items[end].uncertain && !all_uncertain) met += " (" + note + ")";
    }
    text += (begin == 0 ? "" : ". ") + items[begin].criteria + ": " +
            (met.empty() ? Say(language, "none", "keines") : met);
    begin = end;
  }
  return text + ".";
}

}  // namespace osteon
