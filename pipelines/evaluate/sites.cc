// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/evaluate/sites.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "pipelines/model/bone_units.h"

namespace osteon {
namespace {

struct SiteWord {
  std::string_view start;  // Of a word of the meaning, lower case.
  std::string_view path;
};

// The first row with a word in the meaning wins, so that "sternal end of clavicle" is the clavicle
// and "phalanx of toe" the foot.
constexpr std::array kWords{
    SiteWord{"mandib", "mandible"},
    SiteWord{"jaw", "mandible"},
    SiteWord{"clavic", "clavicle"},
    SiteWord{"scapul", "scapula"},
    SiteWord{"acromi", "scapula"},
    SiteWord{"glenoid", "scapula"},
    SiteWord{"coracoid", "scapula"},
    SiteWord{"stern", "sternum"},
    SiteWord{"manubri", "sternum"},
    SiteWord{"xiph", "sternum"},
    SiteWord{"rib", "ribs"},
    SiteWord{"cost", "ribs"},
    SiteWord{"cervical", "spine/cervical"},
    SiteWord{"atlas", "spine/cervical"},
    SiteWord{"axis", "spine/cervical"},
    SiteWord{"thoracic", "spine/thoracic"},
    SiteWord{"lumbar", "spine/lumbar"},
    SiteWord{"sacr", "sacrum"},
    SiteWord{"coccy", "sacrum"},
    SiteWord{"ilium", "pelvis/ilium"},
    SiteWord{"iliac", "pelvis/ilium"},
    SiteWord{"ischi", "pelvis/ischium"},
    SiteWord{"pubi", "pelvis/pubis"},
    SiteWord{"acetab", "pelvis/acetabulum"},
    SiteWord{"pelvi", "pelvis"},
    SiteWord{"innominate", "pelvis"},
    SiteWord{"hip", "pelvis"},
    SiteWord{"femur", "femur"},
    SiteWord{"femor", "femur"},
    SiteWord{"patella", "leg/patella"},
    SiteWord{"fibul", "leg/fibula"},
    SiteWord{"lateral malleol", "leg/fibula"},
    SiteWord{"tibia", "leg/tibia"},
    SiteWord{"malleol", "leg"},
    SiteWord{"leg", "leg"},
    SiteWord{"humer", "humerus"},
    SiteWord{"radius", "forearm/radius"},
    SiteWord{"ulna", "forearm/ulna"},
    SiteWord{"radial", "forearm/radius"},
    SiteWord{"forearm", "forearm"},
    SiteWord{"toe", "foot"},
    SiteWord{"foot", "foot"},
    SiteWord{"tars", "foot"},
    SiteWord{"metatars", "foot"},
    SiteWord{"calcane", "foot"},
    SiteWord{"talus", "foot"},
    SiteWord{"navicular", "foot"},
    SiteWord{"cuboid", "foot"},
    SiteWord{"cuneiform", "foot"},
    SiteWord{"ankle", "foot"},
    SiteWord{"hand", "hand"},
    SiteWord{"carp", "hand"},
    SiteWord{"metacarp", "hand"},
    SiteWord{"wrist", "hand"},
    SiteWord{"finger", "hand"},
    SiteWord{"thumb", "hand"},
    SiteWord{"scaphoid", "hand"},
    SiteWord{"lunate", "hand"},
    SiteWord{"phalan", "hand"},
    SiteWord{"skull", "skull"},
    SiteWord{"crani", "skull"},
    SiteWord{"frontal", "skull"},
    SiteWord{"parietal", "skull"},
    SiteWord{"occipit", "skull"},
    SiteWord{"temporal", "skull"},
    SiteWord{"maxill", "skull"},
    SiteWord{"zygom", "skull"},
    SiteWord{"sphen", "skull"},
    SiteWord{"vertebra", "spine"},
    SiteWord{"spin", "spine"},
};

bool HasWordStarting(std::string_view text, std::string_view start) {
  for (auto at = text.find(start); at != std::string_view::npos; at = text.find(start, at + 1)) {
    const char before = at == 0 ? ' ' : text[at - 1];
    if (before < 'a' || before > 'z') return true;
  }
  return false;
}

}  // namespace

std::string SitePath(const CodeText& region) {
  std::string meaning = region.meaning;
  if (region.scheme == "SCT") {
    const auto units = BoneUnits();
    const auto unit = std::find_if(units.begin(), units.end(), [&](const BoneUnit& u) {
      return u.snomed_code == region.value;
    });
    if (unit != units.end()) meaning = unit->snomed_meaning;
  }
  for (char& c : meaning) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  for (const SiteWord& word : kWords) {
    if (HasWordStarting(meaning, word.start)) return std::string(word.path);
  }
  return {};
}

bool SameSite(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return false;
  if (a.size() > b.size()) std::swap(a, b);
  return b.starts_with(a) && (a.size() == b.size() || b[a.size()] == '/');
}

}  // namespace osteon
