// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/truth/truth.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <optional>
#include <string_view>

#include "pipelines/model/concepts.h"

namespace osteon {
namespace {

using Json = nlohmann::ordered_json;

// Chosen: the centre of a mark that is cut at the cortex lies this far from the drawn one, or half
// a diameter of the lesion more when that is large.
constexpr double kReachMm = 20;
constexpr double kSameVolume = 2;  // Within twice and half: partial volume, cut at the cortex.

const Json& Items(const Json& item, const char* sequence) {
  static const Json kNone = Json::array();
  const auto found = item.find(sequence);
  return found != item.end() && found->is_array() ? *found : kNone;
}

std::string Text(const Json& item, const char* key) {
  const auto found = item.find(key);
  return found != item.end() && found->is_string() ? found->get<std::string>() : "";
}

// The code in the first item of the sequence.
std::string CodeOf(const Json& item, const char* sequence) {
  const Json& codes = Items(item, sequence);
  return codes.empty() ? "" : Text(codes.front(), "CodeValue");
}

// The content item with that concept; null when there is none.
const Json* Content(const Json& container, const Code& name) {
  for (const Json& item : Items(container, "ContentSequence"))
    if (CodeOf(item, "ConceptNameCodeSequence") == name.value) return &item;
  return nullptr;
}

double NumberOf(std::string_view text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// "1\2\3"
std::optional<Vec3> Point(std::string_view text) {
  const std::size_t first = text.find('\\');
  const std::size_t second = first == text.npos ? first : text.find('\\', first + 1);
  if (second == text.npos) return std::nullopt;
  return Vec3{NumberOf(text.substr(0, first)), NumberOf(text.substr(first + 1, second - first - 1)),
              NumberOf(text.substr(second + 1))};
}

std::optional<ReportedLesion> LesionOf(const Json& group) {
  const Json* finding = Content(group, concepts::kFinding);
  const Json* centre = Content(group, concepts::kImageRegion);
  if (!finding || !centre || CodeOf(*finding, "ConceptCodeSequence") != concepts::kLesion.value)
    return std::nullopt;
  const auto point = Point(Text(*centre, "GraphicData"));
  if (!point) return std::nullopt;
  ReportedLesion lesion{"", *point, 0};
  if (const Json* comment = Content(group, concepts::kComment))
    lesion.name = Text(*comment, "TextValue");
  if (const Json* volume = Content(group, concepts::kVolume)) {
    const Json& values = Items(*volume, "MeasuredValueSequence");
    if (!values.empty()) lesion.volume_ml = NumberOf(Text(values.front(), "NumericValue"));
  }
  return lesion;
}

double DistanceMm(Vec3 a, Vec3 b) { return std::hypot(a.x - b.x, a.y - b.y, a.z - b.z); }

double RadiusMm(double volume_ml) {
  return std::cbrt(3 * volume_ml * 1000 / (4 * std::numbers::pi));
}

std::string Millilitres(double ml) { return fmt::format("{:.1f} ml", ml); }

}  // namespace

Result<std::vector<ReportedLesion>> LesionsOfReport(const Json& tags) {
  const Json* measurements = Content(tags, concepts::kImagingMeasurements);
  if (!measurements) return Internal("the report has no Imaging Measurements");
  std::vector<ReportedLesion> lesions;
  for (const Json& group : Items(*measurements, "ContentSequence")) {
    if (CodeOf(group, "ConceptNameCodeSequence") != concepts::kMeasurementGroup.value) continue;
    if (auto lesion = LesionOf(group)) lesions.push_back(*std::move(lesion));
  }
  return lesions;
}

TruthComparison CompareWithTruth(const std::vector<DrawnLesion>& drawn,
                                 std::vector<ReportedLesion> reported) {
  TruthComparison comparison;
  for (const DrawnLesion& lesion : drawn) {
    comparison.required += lesion.required ? 1 : 0;
    const auto nearest = std::min_element(reported.begin(), reported.end(),
                                          [&](const ReportedLesion& a, const ReportedLesion& b) {
                                            return DistanceMm(a.centre_mm, lesion.centre_mm) <
                                                   DistanceMm(b.centre_mm, lesion.centre_mm);
                                          });
    const double reach_mm = kReachMm + RadiusMm(lesion.volume_ml);
    const std::string what = Millilitres(lesion.volume_ml) + " in the " + lesion.bone;
    if (nearest == reported.end() || DistanceMm(nearest->centre_mm, lesion.centre_mm) > reach_mm) {
      if (lesion.required) comparison.differences.push_back("not in the report: " + what);
      continue;
    }
    comparison.found += lesion.required ? 1 : 0;
    const double times = nearest->volume_ml / lesion.volume_ml;
    if (times > kSameVolume || times < 1 / kSameVolume)
      comparison.differences.push_back(fmt::format("drawn with {}, reported as '{}' with {}", what,
                                                   nearest->name, Millilitres(nearest->volume_ml)));
    else if (nearest->name.find(lesion.bone) == std::string::npos)
      comparison.differences.push_back("drawn in the " + lesion.bone + ", reported as '" +
                                       nearest->name + "'");
    reported.erase(nearest);
  }
  for (const ReportedLesion& lesion : reported)
    comparison.differences.push_back("in the report, but not drawn: '" + lesion.name + "' with " +
                                     Millilitres(lesion.volume_ml));
  return comparison;
}

Status JudgeTruth(const TruthComparison& comparison) {
  if (2 * comparison.found >= comparison.required) return {};
  std::string message = fmt::format(
      "only {} of {} lesions that were drawn are in the report; are networks and [pipeline] "
      "settings of the workers as they should be ('osteon doctor')?",
      comparison.found, comparison.required);
  for (const std::string& line : comparison.differences) message += "\n" + line;
  return Internal(message);
}

}  // namespace osteon
