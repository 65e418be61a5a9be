// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/films.h"

#include <algorithm>
#include <cctype>

namespace osteon {
namespace {

struct FilmRegion {
  std::string_view word;   // Prefix of Body Part Examined, only its letters, in capitals.
  std::string_view where;  // Bones or groups (bone_units.h); "femur/distal" is one end.
};

constexpr FilmRegion kRegions[] = {
    {"WHOLEBODY", "*"},
    {"SKULL", "skull mandible"},
    {"HEAD", "skull mandible"},
    {"FACE", "skull mandible"},
    {"JAW", "mandible"},
    {"MANDIBLE", "mandible"},
    {"MAXILLA", "skull"},
    {"ORTHOPANT", "mandible"},
    {"CLAVICLE", "clavicle"},
    {"SCJOINT", "clavicle sternum"},
    {"ACJOINT", "clavicle scapula"},
    {"SCAPULA", "scapula"},
    {"STERNUM", "sternum"},
    {"RIB", "ribs"},
    {"CHEST", "ribs sternum clavicle scapula thoracic_spine"},
    {"THORAX", "ribs sternum clavicle scapula thoracic_spine"},
    {"SHOULDER", "scapula clavicle humerus/proximal"},
    {"HUMERUS", "humerus"},
    {"UPPERARM", "humerus"},
    {"ARM", "humerus forearm"},
    {"ELBOW", "humerus/distal forearm"},
    {"FOREARM", "forearm"},
    {"RADIUS", "forearm"},
    {"ULNA", "forearm"},
    {"WRIST", "forearm hand"},
    {"HAND", "hand"},
    {"FINGER", "hand"},
    {"THUMB", "hand"},
    {"CSPINE", "cervical_spine"},
    {"TSPINE", "thoracic_spine"},
    {"LSPINE", "lumbar_spine"},
    {"CTSPINE", "cervical_spine thoracic_spine"},
    {"TLSPINE", "thoracic_spine lumbar_spine"},
    {"LSSPINE", "lumbar_spine sacrum"},
    {"SPINE", "spine"},
    {"WHOLESPINE", "spine"},
    {"SSPINE", "sacrum"},
    {"SACRUM", "sacrum"},
    {"SIJOINT", "sacrum pelvis"},
    {"COCCYX", "sacrum"},
    {"PELVIS", "pelvis sacrum femur/proximal"},
    {"HIP", "pelvis femur/proximal"},
    {"FEMUR", "femur"},
    {"THIGH", "femur"},
    {"UPPERLEG", "femur"},
    {"KNEE", "femur/distal patella tibia/proximal fibula/proximal"},
    {"PATELLA", "patella"},
    {"LEG", "leg"},
    {"LOWERLEG", "tibia fibula"},
    {"TIBFIB", "tibia fibula"},
    {"TIBIA", "tibia fibula"},
    {"FIBULA", "tibia fibula"},
    {"ANKLE", "tibia/distal fibula/distal foot"},
    {"FOOT", "foot"},
    {"CALCANEUS", "foot"},
    {"HEEL", "foot"},
    {"TOE", "foot"},
};

std::string Bare(std::string_view text) {
  std::string bare;
  for (char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0)
      bare += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return bare;
}

// The entry whose word is the longest prefix of the body part.
const FilmRegion* RegionOf(std::string_view body_part) {
  const std::string bare = Bare(body_part);
  const FilmRegion* best = nullptr;
  for (const FilmRegion& region : kRegions) {
    if (!bare.starts_with(region.word)) continue;
    if (best == nullptr || region.word.size() > best->word.size()) best = &region;
  }
  return best;
}

bool Names(std::string_view place, const BoneUnit& unit) {
  const std::size_t slash = place.find('/');
  const std::string_view bone = place.substr(0, slash);
  if (bone == "*") return true;
  if (bone != unit.bone && bone != unit.group) return false;
  if (slash == std::string_view::npos || unit.part == BonePart::kWhole) return true;
  return unit.part ==
         (place.substr(slash + 1) == "distal" ? BonePart::kDistal : BonePart::kProximal);
}

std::string FilmName(Language language, const RelatedRadiograph& film) {
  const std::string date = film.study_date.empty() ? ""
                                                   : Say(language, "of ", "vom ") +
                                                         Date(language, film.study_date) + " ";
  return Say(language, "Radiograph ", "Röntgenaufnahme ") + date + "(" + film.modality +
         (film.body_part.empty() ? "" : " " + film.body_part) + ")";
}

std::vector<std::string> LesionsShown(const RelatedRadiograph& film, const Findings& findings) {
  std::vector<std::string> numbers;
  for (const Lesion& lesion : findings.lesions) {
    if (ShowsUnit(film.body_part, UnitOf(lesion.unit)))
      numbers.push_back(std::to_string(lesion.number));
  }
  return numbers;
}

}  // namespace

bool ShowsUnit(std::string_view body_part, const BoneUnit& unit) {
  const FilmRegion* region = RegionOf(body_part);
  if (region == nullptr) return false;
  std::string_view left = region->where;
  while (!left.empty()) {
    const std::size_t blank = std::min(left.find(' '), left.size());
    if (Names(left.substr(0, blank), unit)) return true;
    left.remove_prefix(std::min(blank + 1, left.size()));
  }
  return false;
}

std::vector<std::string> FilmLines(const Findings& findings, Language language) {
  std::vector<RelatedRadiograph> films = findings.radiographs;
  std::ranges::stable_sort(films, std::greater{}, &RelatedRadiograph::study_date);
  std::vector<std::string> lines, unknown;
  int others = 0;
  for (const RelatedRadiograph& film : films) {
    const std::vector<std::string> numbers = LesionsShown(film, findings);
    if (!numbers.empty()) {
      lines.push_back(FilmName(language, film) +
                      (numbers.size() == 1
                           ? Say(language, ": region of lesion ", ": Region von Herd ")
                           : Say(language, ": region of lesions ", ": Region der Herde ")) +
                      Listed(language, numbers));
    } else if (RegionOf(film.body_part) == nullptr) {
      unknown.push_back(FilmName(language, film) +
                        Say(language, ": region not known", ": Region nicht bekannt"));
    } else {
      ++others;
    }
  }
  lines.insert(lines.end(), unknown.begin(), unknown.end());
  if (others > 0) {
    lines.push_back(Filled(Say(language, "Radiographs of regions without a lesion: {0}",
                               "Röntgenaufnahmen von Regionen ohne Herd: {0}"),
                           {std::to_string(others)}));
  }
  return lines;
}

}  // namespace osteon
