// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/web/actions.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "orthanc-plugin/intake/backfill.h"
#include "orthanc-plugin/web/views.h"
#include "pipelines/base/moment.h"
#include "pipelines/rules/object_reader.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxBodyBytes = 4096;   // A reason and its JSON.
constexpr std::size_t kMaxReasonBytes = 500;  // Some sentences; kept in the history for ever.

JobEvent EventOf(JobAction action) {
  switch (action) {
    case JobAction::kRunNow:
      return JobEvent::kOperatorRunNow;
    case JobAction::kRetry:
      return JobEvent::kOperatorRetry;
    case JobAction::kSkip:
      return JobEvent::kOperatorSkip;
    case JobAction::kCancel:
      return JobEvent::kCancel;
  }
  return JobEvent::kCancel;
}

const char* DefaultReason(JobAction action) {
  switch (action) {
    case JobAction::kRunNow:
      return "wanted before all others";
    case JobAction::kRetry:
      return "asked for again";
    case JobAction::kSkip:
      return "skipped by an operator";
    case JobAction::kCancel:
      return "cancelled by an operator";
  }
  return "";
}

Result<Json> Body(const HttpRequest& request) {
  if (request.body.empty()) return Json::object();
  if (request.body.size() > kMaxBodyBytes) return InvalidInput("the body is too long");
  Json json = Json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return InvalidInput("the body is not a JSON object");
  return json;
}

nlohmann::ordered_json DryRunJson(const BackfillReport& report) {
  nlohmann::ordered_json json = {{"looked_at", report.looked_at},
                                 {"would_queue", report.queued},
                                 {"left_out", report.looked_at - report.queued}};
  json["studies"] = nlohmann::ordered_json::array();
  for (const BackfillStudy& study : report.studies)
    json["studies"].push_back({{"study_instance_uid", study.study_uid},
                               {"date", study.study_date},
                               {"queued", study.why_not.empty()},
                               {"reason", study.why_not}});
  json["not_listed"] = report.looked_at - report.studies.size();
  return json;
}

}  // namespace

std::optional<JobAction> JobActionFromName(std::string_view name) {
  if (name == "run-now") return JobAction::kRunNow;
  if (name == "retry") return JobAction::kRetry;
  if (name == "skip") return JobAction::kSkip;
  if (name == "cancel") return JobAction::kCancel;
  return std::nullopt;
}

HttpReply ActOnJob(const WebContext& context, const HttpRequest& request, JobId id,
                   JobAction action) {
  const auto body = Body(request);
  if (!body) return ErrorReply(body.error());
  std::string reason = DefaultReason(action);
  ObjectReader reader(*body, "body");
  reader.Read("Reason", reason);
  if (Status finished = reader.Finish(); !finished) return ErrorReply(finished.error());
  reason.resize(std::min(reason.size(), kMaxReasonBytes));
  const auto before = context.store.Find(id);
  if (!before) return ErrorReply(before.error());
  if (!before->has_value()) return ErrorReply(404, fmt::format("there is no job {}", id));
  const auto latest = context.store.Latest((*before)->study_id);
  if (!latest) return ErrorReply(latest.error());
  if (action == JobAction::kRetry && (*latest)->id != id)
    return ErrorReply(409, fmt::format("job {} of the same study is newer", (*latest)->id));
  if (Status done = ActOn(context, **before, action, Actor(request), reason); !done)
    return ErrorReply(done.error());
  return JobView(context, id);
}

Status ActOn(const WebContext& context, const Job& before, JobAction action,
             const std::string& actor, const std::string& reason) {
  JobPatch patch;
  if (action == JobAction::kRunNow) patch.priority = Priority::kStat;
  const auto changed = context.store.Apply(
      {before.id, EventOf(action), actor, reason, std::nullopt, patch}, context.clock.Now());
  if (!changed) return changed.error();
  if (before.state == JobState::kLeased || before.state == JobState::kStoring)
    context.revoked(before, reason);
  if (changed->state == JobState::kCollecting) {
    // Judged again at once; the quiet time it has had counts.
    const auto row = context.store.FindStudyRow(changed->study_id);
    if (!row) return row.error();
    if (row->has_value())
      if (Status due = context.store.Settle(**row, (*row)->last_update, context.clock.Now()); !due)
        return due;
  }
  context.wake_intake();
  context.job_ready();
  return {};
}

std::optional<HoldKind> HoldFromAction(std::string_view name) {
  if (name == "pause") return HoldKind::kPause;
  if (name == "drain") return HoldKind::kDrain;
  if (name == "resume") return HoldKind::kNone;
  return std::nullopt;
}

HttpReply ChangeHold(const WebContext& context, const HttpRequest& request, HoldKind kind) {
  const auto body = Body(request);
  if (!body) return ErrorReply(body.error());
  Hold hold{kind, context.clock.Now(), Actor(request), ""};
  ObjectReader reader(*body, "body");
  reader.Read("Reason", hold.reason);
  if (Status finished = reader.Finish(); !finished) return ErrorReply(finished.error());
  hold.reason.resize(std::min(hold.reason.size(), kMaxReasonBytes));
  const auto before = context.store.GetHold();
  if (!before) return ErrorReply(before.error());
  // Said again, it has stood since the first time: a drain would take in more otherwise.
  if (before->kind != kind)
    if (Status set = context.store.SetHold(hold); !set) return ErrorReply(set.error());
  if (kind != HoldKind::kPause) context.job_ready();
  return StatusView(context);
}

HttpReply KeepSelftest(const WebContext& context, const HttpRequest& request) {
  constexpr std::int64_t kMost = 1'000'000;
  const auto body = Body(request);
  if (!body) return ErrorReply(body.error());
  bool passed = false, silent = false;
  std::string reason;
  std::int64_t found = 0, of = 0, seconds = 0;
  ObjectReader reader(*body, "body");
  reader.Read("Passed", passed);
  reader.Read("Reason", reason);
  reader.ReadWhole("Found", found, 0, kMost);
  reader.ReadWhole("Of", of, 0, kMost);
  reader.ReadWhole("Seconds", seconds, 0, kMost);
  reader.Read("Silent", silent);
  if (Status finished = reader.Finish(); !finished) return ErrorReply(finished.error());
  reason.resize(std::min(reason.size(), kMaxReasonBytes));
  const Json kept = {{"at", IsoTime(context.clock.Now())},
                     {"by", Actor(request)},
                     {"passed", passed},
                     {"reason", reason},
                     {"found", found},
                     {"of", of},
                     {"seconds", seconds},
                     {"silent", silent}};
  const Status stored =
      context.store.KeepSelftest(kept.dump(-1, ' ', false, Json::error_handler_t::replace));
  return stored ? StatusView(context) : ErrorReply(stored.error());
}

HttpReply StartSelftest(const WebContext& context, const HttpRequest& request) {
  const auto body = Body(request);
  if (!body) return ErrorReply(body.error());
  ObjectReader reader(*body, "body");
  if (Status finished = reader.Finish(); !finished) return ErrorReply(finished.error());
  const Status begun = context.start_selftest(Actor(request));
  return begun ? StatusView(context) : ErrorReply(begun.error());
}

HttpReply ResendCopies(const WebContext& context, JobId id) {
  const auto resent = context.store.RetryDeliveries(id, context.clock.Now());
  if (!resent) return ErrorReply(resent.error());
  context.copies_wait();
  HttpReply reply;
  reply.body = Json{{"resent", *resent}}.dump();
  return reply;
}

HttpReply StartBackfill(const WebContext& context, const HttpRequest& request) {
  const auto body = Body(request);
  if (!body) return ErrorReply(body.error());
  BackfillRequest backfill;
  backfill.actor = Actor(request);
  bool reanalyse = false;
  ObjectReader reader(*body, "body");
  reader.Read("From", backfill.from_date);
  reader.Read("To", backfill.to_date);
  reader.Read("Reanalyse", reanalyse);
  bool dry_run = false;
  reader.Read("DryRun", dry_run);
  if (Status finished = reader.Finish(); !finished) return ErrorReply(finished.error());
  if (reanalyse) backfill.scope = BackfillScope::kReanalyse;
  if (dry_run) backfill.run = BackfillRun::kTell;
  const auto report =
      Backfill(context.archive, context.store, context.intake.gate, backfill, context.clock.Now());
  if (!report) return ErrorReply(report.error());
  if (!dry_run) context.wake_intake();
  nlohmann::ordered_json json = {{"looked_at", report->looked_at}, {"queued", report->queued}};
  if (dry_run) json = DryRunJson(*report);
  HttpReply reply;
  reply.body = json.dump(1, ' ', false, Json::error_handler_t::replace);
  return reply;
}

}  // namespace osteon::plugin
