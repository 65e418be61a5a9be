// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/selftest/course.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "orthanc-plugin/web/actions.h"
#include "pipelines/base/moment.h"
#include "pipelines/truth/truth.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostDetail = 500;

std::string Seed(UnixMs begun_ms) { return fmt::format("self-test {}", begun_ms); }

SelftestEnd Failed(std::string code, const std::string& detail = "", std::string why = "") {
  SelftestEnd end;
  end.code = std::move(code);
  end.detail = detail.substr(0, kMostDetail);
  end.why = std::move(why);
  return end;
}

// The words of the page are in app.words.*.js.
std::string Words(const std::string& code) {
  static constexpr std::pair<std::string_view, const char*> kWords[] = {
      {"off", "the plugin's \"Mode\" is \"off\", in which nothing is analysed"},
      {"held", "all jobs are held up; 'osteon resume' goes on"},
      {"no_worker", "no worker is connected"},
      {"not_sent", "Orthanc did not take the study"},
      {"deadline", "there is no report after 15 minutes"},
      {"reports", "the job is done, and Orthanc has not the one report that it should"},
      {"too_few", "less than half of the lesions that were drawn are in the report"},
      {"stopped", "Orthanc was stopped while it ran; start it again"},
      {"job_skipped", "its study was skipped"},
      {"job_stuck", "its study is stuck"},
      {"job_not_evaluable", "its study was not evaluable"},
      {"job_cancelled", "its study was cancelled"}};
  for (const auto& [known, words] : kWords)
    if (known == code) return words;
  return "";
}

Json Parsed(std::string_view text) {
  return Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

Result<Json> GetJson(Archive& archive, const std::string& uri) {
  const auto answer = archive.Get(uri);
  if (!answer) return answer.error();
  Json json = Parsed(answer->value_or(""));
  if (json.is_discarded()) return Unavailable("Orthanc has no " + uri);
  return json;
}

std::string Text(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// The code of what keeps all later jobs from being handed out; empty: nothing.
std::string WhatHolds(const WebContext& context) {
  if (context.mode == DispatchMode::kOff) return "off";
  const auto hold = context.store.GetHold();
  return hold && hold->kind != HoldKind::kNone ? "held" : "";
}

// Orthanc's id of the study.
Result<std::string> Send(Archive& archive, const PackedStudy& study, const std::string& seed) {
  std::string id;
  for (const std::string_view file : study.files) {
    const auto answer = archive.Post("/instances", WithNewUids(file, seed));
    if (!answer) return answer.error();
    const Json stored = Parsed(*answer);
    id = Text(stored, "ParentStudy");
    if (id.empty() || Text(stored, "Status") != "Success")
      return Unavailable("it answered " + Text(stored, "Status"));
  }
  return id;
}

// Compares what the study has in Orthanc with what was drawn.
SelftestEnd Judge(const WebContext& context, const PackedStudy& study, const std::string& id) {
  const auto series = GetJson(context.archive, "/studies/" + id + "/series");
  if (!series) return Failed("reports", series.error().message());
  std::vector<std::string> reports;
  for (const Json& one : *series)
    if (Text(one.value("MainDicomTags", Json::object()), "Modality") == "SR")
      for (const Json& instance : one.value("Instances", Json::array()))
        reports.push_back(instance.get<std::string>());
  const bool silent = context.mode == DispatchMode::kSilent;
  if (reports.size() != (silent ? 0 : 1))
    return Failed("reports", fmt::format("there are {}", reports.size()));
  if (silent) return {};
  const auto tags = GetJson(context.archive, "/instances/" + reports.front() + "/simplified-tags");
  if (!tags) return Failed("reports", tags.error().message());
  const auto lesions = LesionsOfReport(*tags);
  if (!lesions) return Failed("reports", lesions.error().message());
  const TruthComparison truth = CompareWithTruth(study.lesions, *lesions);
  SelftestEnd end;
  if (!JudgeTruth(truth))
    end = Failed("too_few", fmt::format("{}", fmt::join(truth.differences, "; ")));
  end.found = truth.found;
  end.of = truth.required;
  return end;
}

bool IsWithAWorker(const Job& job) {
  return job.state == JobState::kLeased || job.state == JobState::kStoring;
}

// Waits for the end of the job.
SelftestEnd Follow(const WebContext& context, const PackedStudy& study, const std::string& id,
                   const std::string& actor, const SelftestTimes& times,
                   const std::function<bool()>& pause) {
  const Clock& clock = context.clock;
  const SteadyMs end_ms = clock.Steady() + times.deadline_ms;
  SteadyMs worker_ms = clock.Steady();  // When there was one.
  bool hurried = false;
  while (pause()) {
    const auto found = context.store.Latest(id);
    if (!found || !*found) continue;
    const Job& job = **found;
    if (job.state == JobState::kDone) return Judge(context, study, id);
    if (!IsOpen(job.state))
      return Failed("job_" + std::string(Name(job.state)), job.reason, job.why);
    if (!hurried && !IsWithAWorker(job))
      hurried =
          ActOn(context, job, JobAction::kRunNow, actor, "all of the self-test was sent").ok();
    if (IsWithAWorker(job) || !context.dispatch_status().workers.empty())
      worker_ms = clock.Steady();
    if (clock.Steady() - worker_ms > times.no_worker_ms) return Failed("no_worker");
    if (clock.Steady() > end_ms) return Failed("deadline", job.reason, job.why);
  }
  return Failed("stopped");
}

SelftestEnd Try(const WebContext& context, const PackedStudy& study, const SelftestRun& run,
                const SelftestTimes& times, const std::function<bool()>& pause) {
  if (const std::string holds = WhatHolds(context); !holds.empty()) return Failed(holds);
  const auto id = Send(context.archive, study, Seed(run.begun_ms));
  if (!id) return Failed("not_sent", id.error().message());
  return Follow(context, study, *id, run.actor, times, pause);
}

}  // namespace

std::string StudyUidOf(const PackedStudy& study, UnixMs begun_ms) {
  return WithNewUids(study.study_uid, Seed(begun_ms));
}

SelftestEnd RunSelftest(const WebContext& context, const PackedStudy& study, const SelftestRun& run,
                        const SelftestTimes& times, const std::function<bool()>& pause) {
  const SteadyMs begun_ms = context.clock.Steady();
  SelftestEnd end = Try(context, study, run, times, pause);
  end.seconds = (context.clock.Steady() - begun_ms) / 1000;
  end.silent = context.mode == DispatchMode::kSilent;
  return end;
}

Status DeleteSelftestStudy(Archive& archive, const std::string& study_uid) {
  const auto answer = archive.Post("/tools/lookup", study_uid);
  if (!answer) return answer.error();
  for (const Json& one : Parsed(*answer))
    if (Text(one, "Type") == "Study")
      if (Status gone = archive.Delete("/studies/" + Text(one, "ID")); !gone) return gone;
  return {};
}

std::string SelftestJson(const SelftestRun& run, const SelftestEnd& end, UnixMs now_ms) {
  const Json why = Parsed(end.why);
  const Json json = {{"at", IsoTime(now_ms)},
                     {"by", run.actor},
                     {"passed", end.code.empty()},
                     {"reason", Words(end.code) + (end.detail.empty() ? "" : ": " + end.detail)},
                     {"found", end.found},
                     {"of", end.of},
                     {"seconds", end.seconds},
                     {"silent", end.silent},
                     {"code", end.code},
                     {"detail", end.detail},
                     {"why", why.is_discarded() ? Json(nullptr) : why}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace osteon::plugin
