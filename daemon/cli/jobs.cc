// SPDX-License-Identifier: GPL-3.0-or-later
// osteon jobs [JOB]: lists the jobs, or shows one with its history.
#include <fmt/core.h>
#include <CLI/CLI.hpp>
#include <map>
#include <optional>

#include "daemon/cli/answer_text.h"
#include "daemon/cli/command.h"
#include "daemon/cli/help.h"
#include "daemon/cli/print.h"
#include "daemon/cli/question.h"
#include "orthanc-plugin/ledger/states.h"

namespace osteon::cli {
namespace {

std::string JobsTable(const Json& answer) {
  const Json jobs = answer.is_object() && answer.contains("jobs") ? answer["jobs"] : answer;
  if (!jobs.is_array() || jobs.empty()) return "no jobs\n";
  std::vector<std::vector<std::string>> rows;
  for (const Json& job : jobs) {
    const std::string doing = ProgressOf(job);
    rows.push_back({Cell(job, "id"), StateWords(Cell(job, "state")), Cell(job, "priority"),
                    Cell(job, "attempt"), ShortTime(Cell(job, "updated")),
                    Cell(job, "study_instance_uid"), doing.empty() ? Cell(job, "reason") : doing});
  }
  return Table({"JOB", "STATE", "PRIORITY", "TRY", "SINCE (UTC)", "STUDY", "REASON"}, rows);
}

struct JobsArguments {
  Question question;
  std::optional<std::int64_t> id;
  std::optional<plugin::JobState> state;
  int limit = 100;
};

std::map<std::string, plugin::JobState> States() {
  std::map<std::string, plugin::JobState> states;
  for (const plugin::JobState state : plugin::kJobStates) states.emplace(Name(state), state);
  return states;
}

const char* Meaning(plugin::JobState state) {
  switch (state) {
    case plugin::JobState::kCollecting:
      return "images may still come";
    case plugin::JobState::kReady:
      return "waits for a worker";
    case plugin::JobState::kLeased:
      return "a worker has it";
    case plugin::JobState::kStoring:
      return "its report is being put into Orthanc";
    case plugin::JobState::kRetryWait:
      return "failed for now, and waits for its next attempt";
    case plugin::JobState::kDone:
      return "its report is in Orthanc, but for silent mode, which stores none";
    case plugin::JobState::kNotEvaluable:
      return "likewise, and the report says why there is no answer, which is no negative result";
    case plugin::JobState::kStuck:
      return "a person must look; the reason says at what";
    case plugin::JobState::kSkipped:
      return "not for Osteon, or set aside by a person; the reason says why";
    case plugin::JobState::kCancelled:
      return "the study was deleted, or a person cancelled the job";
  }
  return "";
}

// Each state as it is typed, and as it is said where that differs. The man page joins the lines.
std::string StatesExplained() {
  std::string text = "States:\n";
  for (const plugin::JobState state : plugin::kJobStates) {
    const std::string_view name = Name(state), words = Words(state);
    text += fmt::format("  {}{}: {}.\n", name, words == name ? "" : fmt::format(" ({})", words),
                        Meaning(state));
  }
  return text;
}

int RunJobs(const JobsArguments& a) {
  if (a.id) {
    return Show(a.question, GetJson(a.question.server, fmt::format("/osteon/jobs/{}", *a.id)),
                JobText);
  }
  std::string path = fmt::format("/osteon/jobs?limit={}", a.limit);
  if (a.state) path += "&state=" + std::string(Name(*a.state));
  return Show(a.question, GetJson(a.question.server, path), JobsTable);
}

}  // namespace

void AddJobs(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("jobs", "List the jobs, or show one with its history");
  const auto arguments = std::make_shared<JobsArguments>();
  command->add_option("JOB", arguments->id, "Number of one job")->check(JobNumber());
  command->add_option("--state", arguments->state, "Only jobs in this state, see below")
      ->transform(OneOf(States()).description("STATE"));
  command->add_option("--limit", arguments->limit, "Show at most so many, the newest first")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  AddQuestionOptions(*command, arguments->question);
  command->footer(StatesExplained());
  command->callback([=, &action] { action = [=] { return RunJobs(*arguments); }; });
}

}  // namespace osteon::cli
