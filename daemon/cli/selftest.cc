// SPDX-License-Identifier: GPL-3.0-or-later
// osteon selftest: sends a synthetic study through the whole system, from Orthanc to the report,
// and compares that with what was drawn.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>

#include "daemon/cli/answer_text.h"
#include "daemon/cli/command.h"
#include "daemon/cli/orthanc_client.h"
#include "daemon/cli/print.h"
#include "daemon/cli/temporary_folder.h"
#include "daemon/cli/wait.h"
#include "daemon/worker/files.h"
#include "pipelines/phantom/phantom.h"
#include "pipelines/truth/truth.h"

namespace osteon::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;
constexpr int kAnalysisSeconds = 900;
constexpr auto kAskEvery = std::chrono::milliseconds(500);

struct SelftestArguments {
  ServerOptions server;
  int deadline_seconds = 0;  // 0: the plugin's quiet time plus kAnalysisSeconds.
  int wait_seconds = kWaitSeconds;
  bool keep = false;
  bool json = false;
};

// What was done until it ended, well or not.
struct Course {
  std::string study;  // Orthanc's id; empty: none was sent.
  int instances = 0;
  long long seconds = 0;  // From the first image sent to the end of the job.
  bool silent = false;
  bool kept = false;
  std::optional<TruthComparison> truth;  // Of a report that is in Orthanc.
};

// Each time another study: for the same one the plugin already has a report.
Result<PhantomTruth> MakeStudy(const fs::path& folder, ProgressLine& progress) {
  PhantomOptions options;
  options.out = folder;
  options.seed =
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  options.lesions = 4;
  options.patient_id = "OSTEON-SELFTEST";
  options.patient_name = "Selftest^Osteon";
  RunContext run([&](std::string_view stage, double f) {
    progress.Show("making a study: " + std::string(stage), f);
  });
  return WritePhantom(options, run);
}

// Orthanc's id of the study.
Result<std::string> SendStudy(const ServerOptions& server, const fs::path& folder, int instances,
                              ProgressLine& progress) {
  std::string study;
  int sent = 0;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "dicom", error)) {
    if (!entry.is_regular_file()) continue;
    Result<std::string> bytes = ReadFile(entry.path(), kMaxFileBytes);
    if (!bytes) return std::move(bytes).error();
    Result<Json> stored = PostDicom(server, *bytes);
    if (!stored) return std::move(stored).error();
    study = Cell(*stored, "ParentStudy");
    progress.Show("sending to Orthanc", static_cast<double>(++sent) / instances);
  }
  if (study.empty()) return Internal("Orthanc did not name the study it stored");
  return study;
}

bool IsFinal(const std::string& state) {
  return state == "done" || state == "not_evaluable" || state == "stuck" || state == "skipped" ||
         state == "cancelled";
}

// The newest job of the study; null before there is one.
Result<Json> JobOf(const ServerOptions& server, const std::string& study) {
  Result<Json> answer = GetJson(server, "/osteon/jobs?limit=1&study=" + UrlEncoded(study));
  if (!answer) return answer;
  const Json jobs = answer->value("jobs", Json::array());
  return jobs.empty() ? Json() : jobs.back();
}

// The plugin's state before the study was sent.
struct Plugin {
  bool silent = false;
  std::int64_t quiet_seconds = 0;
};

// Prints a line for each state, also without a terminal, since the first state takes long.
void TellState(const std::string& state, const Plugin& plugin) {
  std::string words =
      state.empty() ? "waiting until the plugin has seen the study" : StateWords(state);
  if (state == "collecting")
    words += fmt::format(
        ": it is complete, so the plugin need not wait for {} s without an image "
        "(StableQuietSeconds)",
        plugin.quiet_seconds);
  if (state == "ready") words += ": waiting for a worker";
  std::fprintf(stderr, "selftest: %s\n", words.c_str());
}

// Says that all of the study is there. A plugin that does not know this of a collecting job, or a
// user who may not act, only makes it slower.
void RunNow(const ServerOptions& server, const Json& job) {
  (void)PostJson(server, "/osteon/jobs/" + Cell(job, "id") + "/run-now",
                 {{"Reason", "a self-test, which was sent completely"}});
}

Result<Json> WaitForEnd(const SelftestArguments& arguments, const Plugin& plugin,
                        const std::string& study, ProgressLine& progress) {
  const auto end = Clock::now() + std::chrono::seconds(arguments.deadline_seconds);
  Json job;
  std::optional<std::string> told;
  while (Clock::now() < end) {
    Result<Json> now = JobOf(arguments.server, study);
    if (!now) return now;
    job = *std::move(now);
    const std::string state = Cell(job, "state");
    if (IsFinal(state)) return job;
    if (told != state) {
      progress.Clear();
      TellState(state, plugin);
      if (state == "collecting") RunNow(arguments.server, job);
      told = state;
    }
    const Json fraction = job.is_object() ? job.value("fraction", Json(0)) : Json(0);
    const std::string stage = StageWords(Cell(job, "stage"));
    progress.Show(state.empty()   ? "waiting to be seen"
                  : stage.empty() ? StateWords(state)
                                  : stage,
                  fraction.is_number() ? fraction.get<double>() : 0);
    std::this_thread::sleep_for(kAskEvery);
  }
  return Unavailable(fmt::format(
      "no report within {} s; the job is {}", arguments.deadline_seconds,
      job.is_null() ? "not there" : StateWords(Cell(job, "state")) + ": " + Cell(job, "reason")));
}

// Orthanc's ids of the study's structured reports.
Result<std::vector<std::string>> FindReports(const ServerOptions& server,
                                             const std::string& study) {
  Result<Json> series = GetJson(server, "/studies/" + UrlEncoded(study) + "/series");
  if (!series) return std::move(series).error();
  std::vector<std::string> reports;
  for (const Json& one : *series) {
    if (Cell(one.value("MainDicomTags", Json::object()), "Modality") != "SR") continue;
    for (const Json& instance : one.value("Instances", Json::array()))
      reports.push_back(Cell(instance));
  }
  return reports;
}

// Looks into the study after its job ended, and compares the report with the truth.
Status Judge(const ServerOptions& server, const PhantomTruth& truth, const Json& job,
             Course& course) {
  if (Cell(job, "state") != "done") {
    return Internal("the study is " + StateWords(Cell(job, "state")) + ": " + Cell(job, "reason"));
  }
  const auto reports = FindReports(server, course.study);
  if (!reports) return reports.error();
  const std::size_t expected = course.silent ? 0 : 1;
  if (reports->size() != expected) {
    return Internal(
        fmt::format("the job is done, but the study has {} report(s) in Orthanc instead of {}",
                    reports->size(), expected));
  }
  if (course.silent) return {};
  const auto tags =
      GetJson(server, "/instances/" + UrlEncoded(reports->front()) + "/simplified-tags");
  if (!tags) return tags.error();
  const auto lesions = LesionsOfReport(*tags);
  if (!lesions) return lesions.error();
  course.truth = CompareWithTruth(DrawnLesions(truth), *lesions);
  return JudgeTruth(*course.truth);
}

Result<Plugin> AskPlugin(SelftestArguments& arguments) {
  const auto status = GetJson(arguments.server, "/osteon/status");
  if (!status) return status.error();
  const Plugin plugin{Cell(*status, "mode") == "silent",
                      status->value("stable_quiet_seconds", std::int64_t{0})};
  if (Cell(*status, "mode") == "off")
    return Unavailable("the plugin's \"Mode\" is \"off\", in which nothing is analysed");
  if (arguments.deadline_seconds == 0)
    arguments.deadline_seconds = static_cast<int>(plugin.quiet_seconds) + kAnalysisSeconds;
  return plugin;
}

Status Test(SelftestArguments arguments, Course& course) {
  const TemporaryFolder folder;
  ProgressLine progress;
  if (folder.path().empty()) return Unavailable("cannot make a temporary folder");
  // Ask first: making a study takes a minute.
  WaitForWorker(arguments.server, arguments.wait_seconds);
  const Result<Plugin> plugin = AskPlugin(arguments);
  if (!plugin) return plugin.error();
  const Result<PhantomTruth> truth = MakeStudy(folder.path(), progress);
  if (!truth) return truth.error();
  course.instances = truth->instances;
  course.silent = plugin->silent;
  const auto start = Clock::now();
  const Result<std::string> study =
      SendStudy(arguments.server, folder.path(), truth->instances, progress);
  if (!study) return study.error();
  course.study = *study;
  const Result<Json> job = WaitForEnd(arguments, *plugin, *study, progress);
  progress.Clear();
  Status verdict = job ? Judge(arguments.server, *truth, *job, course) : Status(job.error());
  course.seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start).count();
  // A study that failed is kept for the bug report.
  course.kept = !verdict || arguments.keep;
  if (!course.kept) return Delete(arguments.server, "/studies/" + UrlEncoded(*study));
  return verdict;
}

// Null when nothing was compared.
Json TruthJson(const std::optional<TruthComparison>& truth) {
  if (!truth) return nullptr;
  return {
      {"lesions", truth->required}, {"found", truth->found}, {"differences", truth->differences}};
}

// What was found of what was drawn, for people.
void PrintTruth(const Course& course) {
  if (!course.truth) {
    std::puts("not compared with what was drawn: silent mode stores no report");
    return;
  }
  std::printf("%d of %d lesions that should be found are in the report\n", course.truth->found,
              course.truth->required);
  for (const std::string& line : course.truth->differences)
    std::printf("  %s\n", Printable(line).c_str());
}

void PrintJson(const Course& course, const Status& verdict) {
  const Json json = {{"ok", verdict.ok()},
                     {"reason", verdict ? "" : verdict.error().message()},
                     {"instances", course.instances},
                     {"seconds", course.seconds},
                     {"silent", course.silent},
                     {"truth", TruthJson(course.truth)},
                     {"study", course.study},
                     {"kept", course.kept}};
  std::puts(json.dump(1, ' ', false, Json::error_handler_t::replace).c_str());
}

// The page shows it. An older plugin does not know this, and a user who may not act cannot say it.
void TellPlugin(const ServerOptions& server, const Course& course, const Status& verdict) {
  if (course.study.empty()) return;
  (void)PostJson(server, "/osteon/selftest",
                 {{"Passed", verdict.ok()},
                  {"Reason", verdict ? "" : verdict.error().message()},
                  {"Found", course.truth ? course.truth->found : 0},
                  {"Of", course.truth ? course.truth->required : 0},
                  {"Seconds", course.seconds},
                  {"Silent", course.silent}});
}

int RunSelftest(const SelftestArguments& arguments) {
  Course course;
  const Status verdict = Test(arguments, course);
  TellPlugin(arguments.server, course, verdict);
  if (arguments.json) PrintJson(course, verdict);
  if (verdict && !arguments.json) {
    std::printf("ok: %d instances sent, %s after %lld s\n", course.instances,
                course.silent ? "analysed, and nothing stored (silent mode)," : "report stored",
                course.seconds);
    PrintTruth(course);
  }
  if (course.kept && !arguments.json)
    std::printf("kept in Orthanc: study %s\n", course.study.c_str());
  return verdict ? kDone : Complain("selftest: " + verdict.error().message(), kFailed);
}

}  // namespace

void AddSelftest(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("selftest",
                         "Send a synthetic study to Orthanc, and compare its report with what was "
                         "drawn");
  const auto arguments = std::make_shared<SelftestArguments>();
  AddServerOptions(*command, arguments->server);
  command
      ->add_option("--deadline", arguments->deadline_seconds,
                   "Seconds to wait for the report; without it StableQuietSeconds plus 900")
      ->check(CLI::Range(1, 86'400));
  AddWaitOption(*command, arguments->wait_seconds);
  command->add_flag("--keep", arguments->keep,
                    "Keep the study and its report in Orthanc; a study that failed is always kept");
  command->add_flag("--json", arguments->json, "Print how it went as JSON");
  command->callback([=, &action] { action = [=] { return RunSelftest(*arguments); }; });
}

}  // namespace osteon::cli
