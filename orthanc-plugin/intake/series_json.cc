// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/series_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "orthanc-plugin/intake/why_json.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::ordered_json;

Json OneSeries(const SeriesEntry& series, const SeriesVerdict& verdict) {
  Json json;
  json["series_instance_uid"] = series.series_uid;
  json["description"] = series.description;
  json["modality"] = series.modality;
  json["instances"] = series.instances.size();
  if (verdict.extent_mm > 0) json["extent_mm"] = std::round(verdict.extent_mm);
  json["taken"] = verdict.taken;
  json["covers_body"] = verdict.covers;
  json["class"] = verdict.class_name;
  json["reason"] = verdict.reason;
  json["why"] = Json::parse(WhyJson(verdict.why));
  return json;
}

}  // namespace

std::string SeriesJson(const StudyEntry& study, const Selection& selection) {
  Json json = Json::array();
  for (std::size_t i = 0; i < study.series.size(); ++i)
    json.push_back(OneSeries(study.series[i], selection.series[i]));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace osteon::plugin
