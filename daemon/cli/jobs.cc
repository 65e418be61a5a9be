// SPDX-License-Identifier: GPL-3.0-or-later
// osteon jobs [JOB]: lists the jobs, or shows one with its history.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "daemon/cli/command.h"
#include "daemon/cli/print.h"
#include "daemon/cli/question.h"

namespace osteon::cli {
namespace {

std::string Progress(const Json& job) {
  const std::string stage = Cell(job, "stage");
  if (stage.empty() || !job["fraction"].is_number()) return {};
  return fmt::format("{} {:.0f} %", stage, 100 * job["fraction"].get<double>());
}

std::string JobsTable(const Json& answer) {
  const Json jobs = answer.is_object() && answer.contains("jobs") ? answer["jobs"] : answer;
  if (!jobs.is_array() || jobs.empty()) return "no jobs\n";
  std::vector<std::vector<std::string>> rows;
  for (const Json& job : jobs) {
    const std::string doing = Progress(job);
    rows.push_back({Cell(job, "id"), Cell(job, "state"), Cell(job, "priority"),
                    Cell(job, "attempt"), ShortTime(Cell(job, "updated")),
                    Cell(job, "study_instance_uid"), doing.empty() ? Cell(job, "reason") : doing});
  }
  return Table({"JOB", "STATE", "PRIORITY", "TRY", "SINCE (UTC)", "STUDY", "REASON"}, rows);
}

struct JobsArguments {
  Question question;
  std::string id, state;
  int limit = 100;
};

int RunJobs(const JobsArguments& a) {
  if (!a.id.empty()) {
    return Show(a.question, GetJson(a.question.server, "/osteon/jobs/" + UrlEncoded(a.id)), OneJob);
  }
  std::string path = fmt::format("/osteon/jobs?limit={}", a.limit);
  if (!a.state.empty()) path += "&state=" + UrlEncoded(a.state);
  return Show(a.question, GetJson(a.question.server, path), JobsTable);
}

}  // namespace

void AddJobs(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("jobs", "List the jobs, or show one with its history");
  const auto arguments = std::make_shared<JobsArguments>();
  command->add_option("JOB", arguments->id, "Number of one job");
  command->add_option("--state", arguments->state,
                      "Only those: collecting, ready, leased, storing, retry_wait, done, "
                      "not_evaluable, stuck, skipped or cancelled");
  command->add_option("--limit", arguments->limit, "Show at most so many, the newest first")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  AddQuestionOptions(*command, arguments->question);
  command->callback([=, &action] { action = [=] { return RunJobs(*arguments); }; });
}

}  // namespace osteon::cli
