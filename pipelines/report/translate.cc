// SPDX-License-Identifier: GPL-3.0-or-later
// German texts for the English ones of other stages; declared in words.h.
#include "pipelines/report/words.h"

namespace osteon {
namespace {

// By Caveat::code; {0}, {1} ... are Caveat::values.
constexpr WordPair kCaveats[] = {
    {"no_t1",
     "Keine T1-Serie: Rotes Mark ist von mildem Ödem nicht anhand des Fetts zu unterscheiden."},
    {"no_adc", "Keine ADC-Serie: Die Diffusion wurde nicht beurteilt."},
    {"t1_partial",
     "Die T1-Serie erfasst {0} der {1} Knochenabschnitte der STIR nicht: Sie wurden ohne sie "
     "beurteilt."},
    {"t1_post_contrast_partial",
     "Die T1-Serie nach Kontrastmittel erfasst {0} der {1} Knochenabschnitte der STIR nicht: Sie "
     "wurden ohne sie beurteilt."},
    {"diffusion_partial",
     "Die Diffusionsserie erfasst {0} der {1} Knochenabschnitte der STIR nicht: Sie wurden ohne "
     "sie "
     "beurteilt."},
    {"adc_partial",
     "Die ADC-Serie erfasst {0} der {1} Knochenabschnitte der STIR nicht: Sie wurden ohne sie "
     "beurteilt."},
    {"adc_unit_guessed",
     "Serie {0}: Die ADC-Karte nennt keine Einheit; angenommen wurde {1}, da Gewebe in keiner "
     "anderen "
     "solche Werte hat."},
    {"adc_unit_contradicted",
     "Serie {0}: In der Einheit, die die ADC-Karte nennt, hat kein Gewebe solche Werte; angenommen "
     "wurde {1}."},
    {"adc_unit_unknown",
     "Serie {0}: In keiner Einheit hat die ADC-Karte Werte von Gewebe; sie wurde nicht verwendet."},
    {"bits_above_used",
     "Serie {0}: Bildpunkte haben Bits außerhalb von Bits Stored (0028,0101) und High Bit "
     "(0028,0102); sie wurden als Teil des Signals gelesen, da das Bild nur so stetig ist. Den "
     "Export "
     "bitte prüfen."},
    {"bits_above_masked",
     "Serie {0}: Bildpunkte haben Bits außerhalb von Bits Stored (0028,0101) und High Bit "
     "(0028,0102); sie wurden nach der Norm weggelassen, da das Bild nur so stetig ist. Den Export "
     "bitte prüfen."},
    {"restricted_without_t1",
     "Herd {0}: niedriger ADC und hell bei hohem b-Wert, aber ohne T1 an dieser Stelle: rotes Mark "
     "und Tumor sind nicht zu unterscheiden."},
    {"no_fluid_anchor", "Keine Flüssigkeit gefunden, an der das Signal gemessen werden könnte."},
    {"candidate_too_thin", "Eine Signalanhebung, die zum Messen zu klein war, wurde weggelassen."},
    {"specks_not_listed",
     "Normal aussehende Signalanhebungen, zu klein für einen Herd, nicht aufgeführt: {0}."},
    {"oblique_input",
     "Die STIR ist nicht koronar und wurde in koronare Schichten umgerechnet: Kleine Herde können "
     "verwischt sein."},
    {"bone_unnamed",
     "Ein Knochen liegt dort, wo der, nach dem er aussieht, nicht sein kann; er heißt \"nicht "
     "benannte "
     "Knochenregion\". Bitte selbst benennen."},
    {"bone_named_by_place",
     "Knochen neben dem Rumpf oder den Oberschenkeln sah aus wie Unterschenkel oder Fuß, Knochen "
     "unter den Knien wie Unterarm oder Hand, oder ein Hüftkopf wie das Becken; er ist nach seinem "
     "Ort benannt. Die Namen dort prüfen."},
    {"partial_body", "Nicht alle Knochen wurden abgebildet oder erkannt."},
    {"station_gap",
     "Stationen {0} und {1} überlappen nicht: Ihre Helligkeit wurde über die ganze Station "
     "angeglichen; was dazwischen liegt, ist nicht abgebildet."},
    {"station_mismatch",
     "Stationen {0} und {1} weichen im Überlappungsbereich um {2} mm voneinander ab (Bewegung "
     "zwischen den Aufnahmen): Orte nahe dieser Naht sind unsicher."},
    {"station_slices_moved",
     "Serie {0}: Ihre Schichten liegen zwischen denen der anderen Stationen und wurden um bis zu "
     "eine halbe Schicht verschoben."},
    {"missing_slice", "Serie {0}: Schicht {1} von {2} fehlt; diese Ebene wurde nicht beurteilt."},
    {"duplicate_slice", "Serie {0}: {1} doppelte Schicht(en) wurden weggelassen."},
    {"irregular_spacing",
     "Serie {0}: Die Schichtlagen sind um bis zu {1} ungleichmäßig; gleiche Abstände wurden "
     "angenommen."},
    {"lossy_compression",
     "Serie {0} wurde verlustbehaftet komprimiert: Kleine und milde Herde können verändert sein."},
    {"empty_file", "Die Datei {0} ist leer."},
    {"series_left_out", "Nicht lesbar und daher weggelassen: {0}."},
    {"incomplete_study",
     "Die Untersuchung wurde ausgewertet, wie sie eingegangen war: Nicht alle Stationen waren nach "
     "Ablauf der Wartezeit da."},
    {"frames_of_reference_joined",
     "Die Stationen kamen in {0} Bezugssystemen (Frames of Reference) und wurden nach ihren Lagen "
     "zusammengefügt: Zwischen Stationen sind Orte so genau wie die Tischpositionen."},
    {"stations_differ",
     "Serie {0} ergänzt den Körper mit anderer Echozeit, Repetitionszeit, Pixel- oder "
     "Schichtgröße als die anderen Stationen."},
    {"imaged_not_used",
     "Serie {0} bildet {1} mm des Körpers ab, die keine verwendete Serie erfasst, und wurde nicht "
     "verwendet."},
    {"contrast_not_used",
     "{0} (Serie {1}) ist vorhanden und wurde nicht verwendet: anderes Bezugssystem (Frame of "
     "Reference) als die STIR."},
    {"contrast_guessed",
     "Serie {0}: Die Sequenz ist nicht vollständig angegeben; der Kontrast wurde aus Namen oder "
     "übrigen Zeiten erschlossen."},
    {"packages_joined",
     "Serie {0}: Ihre Schichten kamen in {1} Paketen und wurden zu einem Volumen zusammengefügt."},
    {"shared_sop_uids",
     "Serien {0} und {1} haben dieselben SOP Instance UIDs (0008,0018): Beide wurden gelesen, doch "
     "ein Verweis auf eines dieser Bilder kann das andere zeigen."},
    {"prior_other_patient",
     "Der Vorbericht gehört zu einer anderen Person; es wurde nicht verglichen."},
    {"prior_patient_unsure",
     "Es ist nicht sicher, dass der Vorbericht zu dieser Person gehört (Patient ID (0010,0020) "
     "leer "
     "oder ein Platzhalter, oder nur sie stimmt überein); es wurde nicht verglichen."},
    {"prior_undated",
     "Der Vorbericht oder diese Untersuchung hat kein gültiges Study Date (0008,0020), also ist "
     "nicht sicher, was früher war; es wurde nicht verglichen."},
    {"source_text_guessed",
     "Text der Bilder liegt nicht in dem Zeichensatz vor, den sie angeben, und wurde als {0} "
     "gelesen: {1}. Bitte mit den Stammdaten vergleichen."},
    {"character_set_misspelt",
     "Specific Character Set (0008,0005) der Bilder ist falsch geschrieben; der ähnlichste "
     "Zeichensatz wurde angenommen."},
    {"source_value_shortened",
     "Werte der Bilder sind länger, als DICOM erlaubt, und wurden gekürzt: {0}."},
    {"source_value_left_out",
     "Werte der Bilder, die DICOM nicht erlaubt, fehlen im Kopf dieses Berichts: {0}."},
    {"uids_kept",
     "Kennungen der Bilder sind in DICOM nicht erlaubt, etwa wegen führender Nullen ({0}): Die "
     "Evidenz dieses Berichts und die Segmentierung verweisen auf sie, wie sie sind; sein Text "
     "lässt "
     "sie weg, damit strenge Leser ihn öffnen."},
    {"no_frame_of_reference",
     "Die Bilder haben keine Frame of Reference UID (0020,0052): Orte sind auf den Bildern selbst "
     "angegeben und auf anderen Serien nicht darstellbar."},
    {"no_study_date",
     "Die Bilder haben kein gültiges Study Date (0008,0020); dieser Bericht auch nicht."},
    {"prior_later_study",
     "Der Vorbericht ist jünger als diese Untersuchung; es wurde nicht verglichen."},
    {"prior_not_evaluable", "Die Voruntersuchung war nicht auswertbar; es wurde nicht verglichen."},
    {"prior_unreadable", "Es war kein Vorbericht lesbar; es wurde nicht verglichen."},
    {"prior_images_missing",
     "Die Bilder der Voruntersuchung lagen nicht vor: Abgebildet ist nur die jetzige "
     "Untersuchung."},
    {"prior_images_unusable",
     "Die Bilder der Voruntersuchung waren nicht verwendbar: Abgebildet ist nur die jetzige "
     "Untersuchung."},
    {"prior_lesion_not_imaged", "Ein früherer Herd ist diesmal nicht abgebildet: {0}."},
    {"prior_other_sequence", "Zuvor {0}, jetzt {1}: Herde wurden gezählt, nicht verglichen."},
    {"prior_other_echo_time",
     "Echozeit zuvor {0} ms, jetzt {1} ms: Signal der Herde nicht verglichen."},
    {"prior_other_field",
     "Feldstärke zuvor {0} T, jetzt {1} T: Das Volumen schwacher Herde kann "
     "abweichen."},
    {"prior_other_pipeline",
     "Osteon-Version (Einstellungen und Netze) zuvor {0}, jetzt {1}: Volumen und Grade können "
     "deshalb abweichen."},
    {"prior_other_slices",
     "Schichtabstand zuvor {0} mm, jetzt {1} mm: Das Volumen kleiner Herde "
     "kann abweichen."}};

// Why something was not assessed.
constexpr WordPair kReasons[] = {
    {"ADC series does not cover the lesion", "ADC-Serie erfasst den Herd nicht"},
    {"no such series", "keine solche Serie"},
    {"no contrast-enhanced series", "keine Serie nach Kontrastmittel"},
    {"bone not imaged in the prior study", "Knochen in der Voruntersuchung nicht abgebildet"},
    {"tibia and fibula outlined as one", "Tibia und Fibula als ein Knochen umrissen"},
    {"bone unit not outlined", "Knochenabschnitt nicht abgegrenzt"},
    {"cross-section too small", "Querschnitt zu klein"},
    {"fluid is not brighter than marrow", "Flüssigkeit nicht heller als Mark"},
    {"lesion too large for a ring", "Herd zu groß für einen Ring"},
    {"lesion too thin", "Herd zu dünn"},
    {"many bones in one unit", "mehrere Knochen in einem Abschnitt"},
    {"no ADC series", "keine ADC-Serie"},
    {"no T1 series", "keine T1-Serie"},
    {"no diffusion series", "keine Diffusionsserie"},
    {"no fluid found in the study", "keine Flüssigkeit gefunden"},
    {"no fluid space found", "kein Flüssigkeitsraum gefunden"},
    {"growth plates closed at this age", "Wachstumsfugen in diesem Alter geschlossen"},
    {"no growth plate is located in this bone", "keine Wachstumsfuge in diesem Knochen gesucht"},
    {"the nearest growth plate of this bone was not located",
     "nächstgelegene Wachstumsfuge dieses Knochens nicht erkannt"},
    {"no open growth plate seen in this bone", "keine offene Wachstumsfuge in diesem Knochen"},
    {"no muscle anchor", "kein Muskel als Bezug"},
    {"no normal marrow left in this bone unit", "kein normales Mark in diesem Knochenabschnitt"},
    {"no other side to compare with", "keine Gegenseite zum Vergleich"},
    {"no post-contrast series", "keine Serie nach Kontrastmittel"},
    {"no prior report", "kein Vorbericht"},
    {"no signal at the rim", "kein Signal am Rand"},
    {"not a vertebra", "kein Wirbel"},
    {"not in the images", "nicht in den Bildern angegeben"},
    {"not in the prior report", "nicht im Vorbericht"},
    {"one side is cut by the field of view", "eine Seite vom Bildrand angeschnitten"},
    {"other side not outlined", "Gegenseite nicht abgegrenzt"},
    {"pixels too large for a rim of a few millimetres",
     "Bildpunkte zu groß für einen Saum von wenigen Millimetern"},
    {"series does not cover the lesion", "Serie erfasst den Herd nicht"},
    {"signal around the bone is diffuse", "Signal um den Knochen diffus"},
    {"study not evaluable", "Untersuchung nicht auswertbar"},
    {"one side is outlined by its place only", "eine Seite ist nur nach ihrem Ort abgegrenzt"},
    {"the two sides are outlined too differently", "die Seiten sind zu verschieden abgegrenzt"},
    {"too little muscle beside the lesion", "zu wenig Muskel neben dem Herd"},
    {"vertebral levels could not be told apart", "Wirbelhöhen nicht unterscheidbar"},
    // Why a study was not evaluable.
    {"the STIR volume is empty", "die STIR ist leer"},
    {"the STIR volume shows no body", "die STIR zeigt keinen Körper"},
    {"the STIR volume is blank", "die STIR enthält kein Signal"},
    {"muscle cannot be told from the noise in the STIR images",
     "Muskel ist in den STIR-Bildern nicht vom Rauschen zu unterscheiden"},
    {"the skeleton could not be located in the STIR images",
     "das Skelett war in den STIR-Bildern nicht zu finden"}};

std::string WithoutStop(std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

std::string CaveatText(Language language, const Caveat& caveat) {
  std::string english = WithoutStop(caveat.text) + ".";
  if (language == Language::kEnglish) return english;
  const std::string german = InGerman(kCaveats, caveat.code);
  std::vector<std::string> values = caveat.values;
  for (std::string& value : values) value = LocalNumber(language, std::move(value));
  const std::string text = Filled(german, values);
  return text.empty() || text.find('{') != std::string::npos ? english : text;
}

std::string ReasonText(Language language, const std::string& not_assessed) {
  if (language == Language::kEnglish || not_assessed.empty()) return not_assessed;
  const std::string german = InGerman(kReasons, not_assessed);
  return german.empty() ? not_assessed : german;
}

}  // namespace osteon
