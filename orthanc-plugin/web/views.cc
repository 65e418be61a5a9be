// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/web/views.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

#include "orthanc-plugin/digest/digest_words.h"
#include "orthanc-plugin/intake/explain.h"
#include "pipelines/base/moment.h"
#include "pipelines/base/nearest.h"
#include "pipelines/base/version.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxJobs = 1000;

HttpReply JsonReply(const Json& json) {
  HttpReply reply;
  reply.body = json.dump(1, ' ', false, Json::error_handler_t::replace);
  return reply;
}

const char* Name(DispatchMode mode) {
  switch (mode) {
    case DispatchMode::kAssist:
      return "assist";
    case DispatchMode::kSilent:
      return "silent";
    case DispatchMode::kOff:
      return "off";
  }
  return "";
}

// JSON that the ledger keeps; null when it is empty.
Json Kept(const std::string& text) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? Json(nullptr) : json;
}

Json JobJson(const Job& job, const std::vector<Held>& leases) {
  Json json;
  json["id"] = job.id;
  json["study_instance_uid"] = job.study_uid;
  json["orthanc_study"] = job.study_id;
  json["state"] = Name(job.state);
  json["reason"] = job.reason;
  json["why"] = Kept(job.why);
  json["caveat"] = job.caveat;
  json["error_code"] = job.error_code;
  json["priority"] = Name(job.priority);
  json["actor"] = job.actor;
  json["worker"] = job.worker;
  json["attempt"] = job.attempt;
  json["failures"] = job.failures;
  json["worker_deaths"] = job.deaths;
  json["created"] = IsoTime(job.created_ms);
  json["updated"] = IsoTime(job.updated_ms);
  json["not_before"] =
      job.state == JobState::kRetryWait ? Json(IsoTime(job.not_before_ms)) : Json(nullptr);
  json["supersedes"] = job.supersedes ? Json(*job.supersedes) : Json(nullptr);
  json["fingerprint"] = job.fingerprint;
  for (const Held& held : leases) {
    if (held.job != job.id) continue;
    json["stage"] = held.stage;
    json["fraction"] = held.fraction;
  }
  return json;
}

Json HoldJson(const Hold& hold) {
  if (hold.kind == HoldKind::kNone) return nullptr;
  return {{"kind", plugin::Name(hold.kind)},
          {"since", IsoTime(hold.since_ms)},
          {"by", hold.actor},
          {"reason", hold.reason}};
}

// The number in the query; `otherwise` when it is missing. Nothing when it is no number within the
// range.
std::optional<std::int64_t> QueryNumber(const HttpRequest& request, const char* key,
                                        std::int64_t otherwise, std::int64_t max) {
  const auto found = request.query.find(key);
  if (found == request.query.end()) return otherwise;
  std::int64_t value = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > max)
    return std::nullopt;
  return value;
}

// A step of a history in words.
std::string_view Told(std::string_view event) {
  const auto known = std::find_if(kJobEvents.begin(), kJobEvents.end(),
                                  [&](JobEvent one) { return Name(one) == event; });
  return known == kJobEvents.end() ? event : Told(*known);  // "opened" is no change of a job.
}

// Names the state that was meant, and all of them.
std::string NoSuchState(const std::string& typed) {
  std::vector<std::string_view> names;
  names.reserve(kJobStates.size());
  for (const JobState state : kJobStates) names.push_back(Name(state));
  std::string message = "there is no state '" + typed + "'; did you mean '" +
                        std::string(NearestName(typed, names)) + "'? There are";
  for (const std::string_view name : names) message += " " + std::string(name);
  return message;
}

// What runs now, with its job; null when none does.
Result<Json> RunningSelftestJson(const WebContext& context, const std::vector<Held>& leases) {
  const auto run = context.store.RunningSelftest();
  if (!run) return run.error();
  if (run->study_uid.empty()) return Json(nullptr);
  JobQuery query;
  query.study = run->study_uid;
  query.limit = 1;
  const auto jobs = context.store.List(query);
  if (!jobs) return jobs.error();
  return Json{{"since", IsoTime(run->begun_ms)},
              {"by", run->actor},
              {"job", jobs->empty() ? Json(nullptr) : JobJson(jobs->front(), leases)}};
}

}  // namespace

std::vector<std::string> TroubleOf(const WebContext& context) {
  const DispatchStatus dispatch = context.dispatch_status();
  std::vector<std::string> troubles;
  if (!dispatch.keys.trouble.empty())
    troubles.push_back("AllowedWorkersFile cannot be used, the last good one stays in force: " +
                       dispatch.keys.trouble);
  for (const std::string& trouble :
       {dispatch.trouble, context.intake_trouble(), context.copies_trouble(),
        context.digest_trouble(), context.rules_trouble()})
    if (!trouble.empty()) troubles.push_back(trouble);
  for (const WorkerView& worker : dispatch.workers)
    if (!worker.trouble.empty())
      troubles.push_back("worker '" + worker.name + "': " + worker.trouble);
  for (const WorkerView& worker : dispatch.workers)
    if (worker.shares_name)
      troubles.push_back("more than one worker is called '" + worker.name +
                         "': give each its own name, so that people can tell them apart");
  return troubles;
}

HttpReply StatusView(const WebContext& context) {
  const auto counts = context.store.Counts();
  if (!counts) return ErrorReply(counts.error());
  const auto hold = context.store.GetHold();
  if (!hold) return ErrorReply(hold.error());
  const auto selftest = context.store.LastSelftest();
  if (!selftest) return ErrorReply(selftest.error());
  const DispatchStatus dispatch = context.dispatch_status();
  const auto running_selftest = RunningSelftestJson(context, dispatch.leases);
  if (!running_selftest) return ErrorReply(running_selftest.error());
  Json json;
  json["version"] = kVersion;
  json["mode"] = Name(context.mode);
  json["now"] = IsoTime(context.clock.Now());
  json["hold"] = HoldJson(*hold);
  json["listening"] = dispatch.listening;
  json["trouble"] = TroubleOf(context);
  json["stable_quiet_seconds"] = context.intake.gate.quiet_ms / 1000;
  json["jobs"] = Json::object();
  for (const auto& [state, count] : counts->by_state)
    json["jobs"][std::string(Name(state))] = count;
  json["oldest_waiting"] = IsoTime(counts->oldest_waiting_ms);
  json["copies_waiting"] = counts->copies_waiting;
  json["copies_failed"] = counts->copies_failed;
  json["workers"] = Json::array();
  for (const WorkerView& worker : dispatch.workers)
    json["workers"].push_back(
        {{"name", worker.name},
         {"version", worker.version},
         {"pipeline_hash", worker.pipeline_hash},
         {"slots", worker.slots},
         {"free_slots", worker.free_slots},
         {"shares_name", worker.shares_name},
         {"trouble", worker.trouble},
         {"clock_ahead_ms", worker.clock_ahead_ms ? Json(*worker.clock_ahead_ms) : Json(nullptr)},
         {"silent_ms", context.clock.Steady() - worker.last_heard_ms}});
  json["leases_given"] = dispatch.jobs.leases_given;
  json["leases_expired"] = dispatch.jobs.leases_expired;
  json["results_stored"] = dispatch.jobs.results_stored;
  json["failures"] = dispatch.jobs.failures;
  json["stale_messages"] = dispatch.jobs.stale;
  json["refused_handshakes"] = dispatch.router.refused_handshakes;
  json["malformed_messages"] = dispatch.router.malformed;
  json["rules_hash"] = context.rules()->hash;
  json["selftest"] = Kept(*selftest);
  json["selftest_running"] = *running_selftest;
  json["worker_keys"] = Json::array();
  for (const WorkerKey& key : dispatch.keys.keys)
    json["worker_keys"].push_back({{"name", key.name}, {"in_use", key.in_use}});
  json["send_to"] = context.destinations;
  json["storage_commitment"] = context.commitment == Commitment::kAsk;
  json["disks"] = Json::array();
  for (const DiskRoom& disk : context.disks())
    json["disks"].push_back({{"what", disk.what}, {"free_mib", disk.free_mib}});
  return JsonReply(json);
}

HttpReply JobsView(const WebContext& context, const HttpRequest& request) {
  JobQuery query;
  if (const auto state = request.query.find("state"); state != request.query.end()) {
    const auto known = JobStateFromName(state->second);
    if (!known) return ErrorReply(400, NoSuchState(state->second));
    query.states = {*known};
  }
  if (const auto study = request.query.find("study"); study != request.query.end())
    query.study = study->second;
  const auto before = QueryNumber(request, "before", INT64_MAX, INT64_MAX);
  const auto limit = QueryNumber(request, "limit", query.limit, kMaxJobs);
  if (!before || !limit)
    return ErrorReply(400, "'before' and 'limit' (up to 1000) are positive numbers");
  query.before = *before;
  query.limit = static_cast<int>(*limit);
  auto jobs = context.store.List(query);
  if (!jobs) return ErrorReply(jobs.error());
  std::reverse(jobs->begin(), jobs->end());
  const std::vector<Held> leases = context.dispatch_status().leases;
  Json json;
  json["jobs"] = Json::array();
  for (const Job& job : *jobs) json["jobs"].push_back(JobJson(job, leases));
  return JsonReply(json);
}

HttpReply JobView(const WebContext& context, JobId id) {
  const auto job = context.store.Find(id);
  if (!job) return ErrorReply(job.error());
  if (!job->has_value()) return ErrorReply(404, fmt::format("there is no job {}", id));
  const auto history = context.store.History(id);
  if (!history) return ErrorReply(history.error());
  const auto results = context.store.Results(id);
  if (!results) return ErrorReply(results.error());
  const auto copies = context.store.Deliveries(id);
  if (!copies) return ErrorReply(copies.error());
  Json json = JobJson(**job, context.dispatch_status().leases);
  json["copies"] = Json::array();
  for (const DeliveryRow& row : *copies)
    json["copies"].push_back({{"destination", row.destination},
                              {"state", row.state},
                              {"attempts", row.attempts},
                              {"reason", row.reason}});
  json["results"] = Json::array();
  for (const ResultRow& row : *results)
    json["results"].push_back(
        {{"sop_instance_uid", row.sop_instance_uid}, {"sop_class_uid", row.sop_class_uid}});
  json["history"] = Json::array();
  for (const HistoryRow& row : *history)
    json["history"].push_back({{"time", IsoTime(row.at_ms)},
                               {"actor", row.actor},
                               {"event", row.event},
                               {"what", Told(row.event)},
                               {"from", row.from},
                               {"to", row.to},
                               {"attempt", row.attempt},
                               {"reason", row.reason},
                               {"why", Kept(row.why)},
                               {"series", Kept(row.series)}});
  return JsonReply(json);
}

HttpReply DigestView(const WebContext& context, const HttpRequest& request) {
  const UnixMs now_ms = context.clock.Now();
  const auto since = request.query.find("since");
  const std::string from = since == request.query.end() ? "24h" : since->second;
  const auto since_ms = ParseMoment(from, now_ms);
  if (!since_ms)
    return ErrorReply(400, "since '" + from + "' is no time: " + std::string(kMomentForms));
  if (*since_ms > now_ms) return ErrorReply(400, "since '" + from + "' is still to come");
  const Period period{*since_ms, now_ms + 1};
  const auto rows = context.store.RowsOf(period);
  if (!rows) return ErrorReply(rows.error());
  HttpReply reply;
  reply.body = DigestJson(MakeDigest(*rows, period, context.live(), now_ms), now_ms);
  return reply;
}

HttpReply ExplainView(const WebContext& context, const std::string& study) {
  auto explained = Explain(context.archive, context.store, *context.rules(), context.intake.gate,
                           study, context.clock.Now());
  if (!explained) return ErrorReply(explained.error());
  if (!explained->has_value()) return ErrorReply(404, "Orthanc has no such study");
  HttpReply reply;
  reply.body = **std::move(explained);
  return reply;
}

}  // namespace osteon::plugin
