// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "orthanc-plugin/digest/digest_words.h"
#include "pipelines/base/moment.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::ordered_json;

Json TimeOrNull(UnixMs at_ms) { return at_ms == 0 ? Json(nullptr) : Json(IsoTime(at_ms)); }

Json CountsJson(const std::vector<std::pair<JobState, std::int64_t>>& counts) {
  Json json = Json::object();
  for (const auto& [state, count] : counts) json[std::string(Name(state))] = count;
  return json;
}

// Null when it is only words.
Json WhyJson(const std::string& why) {
  Json json = Json::parse(why, nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? Json(nullptr) : json;
}

Json HoldJson(const Hold& hold) {
  if (hold.kind == HoldKind::kNone) return nullptr;
  return {{"kind", Name(hold.kind)}, {"since", IsoTime(hold.since_ms)}, {"by", hold.actor}};
}

Json WorkersJson(const MorningDigest& digest) {
  Json json = Json::array();
  for (const WorkerLine& line : digest.workers)
    json.push_back({{"name", line.name},
                    {"here", line.here},
                    {"slots", line.slots},
                    {"reports", line.reports},
                    {"skipped", line.skipped},
                    {"failed", line.failed},
                    {"given_back", line.released},
                    {"last_ended", TimeOrNull(line.last_ms)}});
  return json;
}

Json QueueJson(const MorningDigest& digest) {
  const Estimate& estimate = digest.estimate;
  Json json = CountsJson(digest.queue);
  json["held_back"] = digest.held_back;
  json["oldest"] = TimeOrNull(digest.oldest_ms);
  json["empty_at"] = TimeOrNull(estimate.empty_ms);
  json["empty_unknown"] = estimate.unknown;
  json["seconds_a_study"] =
      estimate.measured == 0 ? Json(nullptr) : Json(static_cast<double>(estimate.mean_ms) / 1000);
  json["measured"] = estimate.measured;
  return json;
}

}  // namespace

std::string DigestJson(const MorningDigest& digest, UnixMs now_ms) {
  Json json;
  json["since"] = IsoTime(digest.period.since_ms);
  json["until"] = IsoTime(digest.period.until_ms);
  json["headline"] = DigestHeadline(digest);
  json["needs_you"] = NeedsYou(digest);
  json["trouble"] = digest.trouble;
  json["hold"] = HoldJson(digest.hold);
  json["stuck"] = Json::array();
  for (const StuckLine& line : digest.stuck)
    json["stuck"].push_back({{"job", line.job},
                             {"since", IsoTime(line.since_ms)},
                             {"cause", line.cause},
                             {"error_code", line.error_code},
                             {"hint", line.hint}});
  json["not_evaluable"] = Json::array();
  for (const NotEvaluableLine& line : digest.not_evaluable)
    json["not_evaluable"].push_back(
        {{"job", line.job}, {"at", IsoTime(line.at_ms)}, {"reason", line.reason}});
  json["copies_failed"] = digest.copies_failed;
  json["uncopied"] = Json::array();
  for (const UncopiedLine& line : digest.uncopied)
    json["uncopied"].push_back({{"job", line.job}, {"nodes", line.nodes}});
  json["jobs"] = CountsJson(digest.came_into);
  json["skipped"] = Json::array();
  for (const SkippedLine& line : digest.skipped)
    json["skipped"].push_back({{"reason", line.reason},
                               {"why", WhyJson(line.why)},
                               {"count", line.count},
                               {"example", line.example}});
  json["slowest"] = Json::array();
  for (const SlowLine& line : digest.slowest)
    json["slowest"].push_back({{"job", line.job},
                               {"seconds", static_cast<double>(line.took_ms) / 1000},
                               {"worker", line.worker}});
  json["workers"] = WorkersJson(digest);
  json["queue"] = QueueJson(digest);
  json["text"] = DigestText(digest, now_ms);
  return json.dump(1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace osteon::plugin
