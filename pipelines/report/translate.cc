// SPDX-License-Identifier: GPL-3.0-or-later
// German for the English texts of other stages; declared in words.h.
#include <array>
#include <utility>

#include "pipelines/report/words.h"

namespace osteon {
namespace {

template <std::size_t kCount>
std::string Lookup(const std::array<std::pair<std::string_view, std::string_view>, kCount>& table,
                   const std::string& key) {
  for (const auto& [from, to] : table) {
    if (from == key) return std::string(to);
  }
  return {};
}

using Words = std::pair<std::string_view, std::string_view>;

constexpr std::array<Words, 10> kEntities = {
    {{"metastases of neuroblastoma", "Metastasen eines Neuroblastoms"},
     {"metastases", "Metastasen"},
     {"mycobacteriosis", "Mykobakteriose"},
     {"lymphoma", "Lymphom"},
     {"lymphoma or leukaemia", "Lymphom oder Leukämie"},
     {"primary bone lymphoma", "primäres Knochenlymphom"},
     {"Langerhans cell histiocytosis", "Langerhans-Zell-Histiozytose"},
     {"polyostotic fibrous dysplasia", "polyostotische fibröse Dysplasie"},
     {"malignancy or abscess", "Malignom oder Abszess"},
     {"malignancy", "Malignom"}}};

// What was seen, by RedFlag::code; the English text with the measurement follows in brackets.
constexpr std::array<Words, 11> kFlags = {
    {{"young_age", "Alter ungewöhnlich niedrig für eine CNO"},
     {"many_small_child", "Viele Herde bei einem Kleinkind"},
     {"ring_like_lesion", "Herd mit dunklem Zentrum"},
     {"off_the_physis", "Kein Herd an einer Wachstumsfuge"},
     {"diffuse_marrow", "Diffuser Befall des Knochenmarks"},
     {"patchy_lesions", "Inhomogene Herde"},
     {"restricted_diffusion", "Diffusionsrestriktion"},
     {"soft_tissue_mass", "Ausgedehntes Weichteilsignal"},
     {"skull_lesion", "Herd im Schädel, selten bei CNO"},
     {"flat_bone_young", "Rippe, Schädel oder abgeflachter Wirbel bei einem Kleinkind"},
     {"long_shaft_lesion", "Langer Schaftherd mit Auftreibung"}}};

// By Caveat::code; the English text with its details follows in brackets where there are details.
constexpr std::array<Words, 15> kCaveats = {
    {{"no_t1",
      "Keine T1-Serie: Rotes Mark ist von mildem Ödem nicht anhand des Fetts zu unterscheiden."},
     {"no_adc", "Keine ADC-Serie: Die Diffusion wurde nicht beurteilt."},
     {"no_fluid_anchor", "Keine Flüssigkeit gefunden, an der das Signal gemessen werden könnte."},
     {"candidate_too_thin",
      "Ein Kandidat war dünner als ein Voxel der Bilder und ist nicht aufgeführt."},
     {"oblique_input", "Die STIR ist nicht koronar und wurde in koronare Schichten umgerechnet."},
     {"prior_other_patient",
      "Der Vorbericht gehört zu einer anderen Person; es wurde nicht verglichen."},
     {"prior_later_study",
      "Der Vorbericht ist jünger als diese Untersuchung; es wurde nicht verglichen."},
     {"prior_not_evaluable",
      "Die Voruntersuchung war nicht auswertbar; es wurde nicht verglichen."},
     {"prior_unreadable", "Es war kein Vorbericht lesbar; es wurde nicht verglichen."},
     {"station_gap", "Zwischen zwei Stationen fehlt ein Stück"},
     {"station_mismatch", "Zwei Stationen passen im Überlappungsbereich nicht zusammen"},
     {"missing_slice", "Es fehlt eine Schicht"},
     {"partial_body", "Nicht abgebildet oder nicht erkannt"},
     {"lossy_compression", "Eine Serie ist verlustbehaftet komprimiert"}}};

// Why something was not assessed.
constexpr std::array<Words, 26> kReasons = {
    {{"no ADC series", "keine ADC-Serie"},
     {"no T1 series", "keine T1-Serie"},
     {"no diffusion series", "keine Diffusionsserie"},
     {"no post-contrast series", "keine Serie nach Kontrastmittel"},
     {"ADC series does not cover the lesion", "ADC-Serie erfasst den Herd nicht"},
     {"series does not cover the lesion", "Serie erfasst den Herd nicht"},
     {"study not evaluable", "Untersuchung nicht auswertbar"},
     {"no fluid space found", "kein Flüssigkeitsraum gefunden"},
     {"no fluid found in the study", "keine Flüssigkeit gefunden"},
     {"fluid is not brighter than marrow", "Flüssigkeit nicht heller als Mark"},
     {"no prior", "keine Voruntersuchung"},
     {"no prior report", "kein Vorbericht"},
     {"not a vertebra", "kein Wirbel"},
     {"vertebral levels could not be told apart", "Wirbelhöhen nicht unterscheidbar"},
     {"bone unit not outlined", "Knochenabschnitt nicht abgegrenzt"},
     {"other side not outlined", "Gegenseite nicht abgegrenzt"},
     {"no other side to compare with", "keine Gegenseite zum Vergleich"},
     {"one side is cut by the field of view", "eine Seite vom Bildrand angeschnitten"},
     {"no muscle anchor", "kein Muskel als Bezug"},
     {"too little muscle beside the lesion", "zu wenig Muskel neben dem Herd"},
     {"no normal marrow left in this bone unit", "kein normales Mark in diesem Knochenabschnitt"},
     {"no signal at the rim", "kein Signal am Rand"},
     {"lesion too large for a ring", "Herd zu groß für einen Ring"},
     {"lesion too thin", "Herd zu dünn"},
     {"signal around the bone is diffuse", "Signal um den Knochen diffus"},
     {"many bones in one unit", "mehrere Knochen in einem Abschnitt"}}};

std::string WithoutStop(std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

std::string CaveatText(Language language, const Caveat& caveat) {
  const std::string english = WithoutStop(caveat.text) + ".";
  if (language == Language::kEnglish) return english;
  const std::string german = Lookup(kCaveats, caveat.code);
  if (german.empty()) return english;
  return german.ends_with('.') ? german : german + " (" + WithoutStop(caveat.text) + ").";
}

std::string FlagText(Language language, const RedFlag& flag) {
  std::string text = WithoutStop(flag.text), entity = flag.suggests;
  if (language == Language::kGerman) {
    if (const std::string german = Lookup(kFlags, flag.code); !german.empty()) {
      text = german + " [" + text + "]";
    }
    if (const std::string german = Lookup(kEntities, entity); !german.empty()) entity = german;
  }
  if (entity.empty()) return text + ".";
  return text + " (" + entity + Say(language, " to be considered).", " erwägen).");
}

std::string ReasonText(Language language, const std::string& not_assessed) {
  if (language == Language::kEnglish) return not_assessed;
  const std::string german = Lookup(kReasons, not_assessed);
  return german.empty() ? not_assessed : german;
}

}  // namespace osteon
