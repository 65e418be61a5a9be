// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/explain.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "orthanc-plugin/archive/study_entry.h"
#include "orthanc-plugin/intake/selection.h"
#include "orthanc-plugin/intake/series_json.h"
#include "orthanc-plugin/intake/why_json.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::ordered_json;

const char* VerdictName(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::kWait:
      return "wait";
    case GateVerdict::kAnalyse:
      return "analyse";
    case GateVerdict::kSkip:
      return "skip";
  }
  return "";
}

Json JobJson(const Job& job) {
  Json json;
  json["id"] = job.id;
  json["state"] = Name(job.state);
  json["reason"] = job.reason;
  json["why"] = Json::parse(job.why, nullptr, /*allow_exceptions=*/false);
  if (json["why"].is_discarded()) json["why"] = nullptr;
  json["caveat"] = job.caveat;
  return json;
}

}  // namespace

Result<std::optional<std::string>> Explain(Archive& archive, JobStore& store,
                                           const SiteRules& rules, const GateOptions& options,
                                           const std::string& study_name, UnixMs now_ms) {
  auto id = FindStudy(archive, study_name);
  if (!id) return std::move(id).error();
  if (!id->has_value()) return std::optional<std::string>();
  auto read = ReadStudy(archive, **id);
  if (!read) return std::move(read).error();
  if (!read->has_value()) return std::optional<std::string>();
  const StudyEntry& study = **read;
  const Selection selection = Select(study, rules.rules);
  auto row = store.FindStudyRow(study.orthanc_id);
  if (!row) return std::move(row).error();
  auto job = store.Latest(study.orthanc_id);
  if (!job) return std::move(job).error();

  Json json;
  json["study_instance_uid"] = study.study_uid;
  json["orthanc_id"] = study.orthanc_id;
  // A study from before Osteon has no row. One that is past collecting waits for nothing, even if
  // our report has just arrived. Both are judged as if they had arrived long ago.
  const StudyRow long_ago{study.orthanc_id, "", 0, 0, {}};
  const bool collecting = !job->has_value() || (*job)->state == JobState::kCollecting;
  const GateDecision decision =
      Decide(selection, collecting ? row->value_or(long_ago) : long_ago, options, now_ms);
  json["verdict"] = VerdictName(decision.verdict);
  json["reason"] = decision.reason;
  json["why"] = Json::parse(WhyJson(decision.why));
  json["caveat"] = decision.caveat;
  json["extent_mm"] = std::round(selection.choice.coverage_mm);
  json["needed_mm"] = std::round(selection.choice.needed_mm);
  json["instances_taken"] = selection.taken_instances;
  json["inputs_hash"] = selection.inputs_hash;
  json["rules_hash"] = rules.hash;
  json["job"] = job->has_value() ? JobJson(**job) : Json(nullptr);
  json["series"] = Json::parse(SeriesJson(study, selection));
  return std::optional<std::string>(json.dump(1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace osteon::plugin
