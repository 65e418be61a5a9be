// SPDX-License-Identifier: GPL-3.0-or-later
// osteon run-now JOB, osteon retry JOB, osteon skip JOB: a person decides about one job.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "daemon/cli/answer_text.h"
#include "daemon/cli/command.h"
#include "daemon/cli/help.h"
#include "daemon/cli/question.h"

namespace osteon::cli {
namespace {

struct ActArguments {
  Question question;
  std::int64_t id = 0;
  std::string reason;
};

int RunAct(const ActArguments& a, const std::string& what) {
  const Json body = a.reason.empty() ? Json::object() : Json{{"Reason", a.reason}};
  const std::string path = fmt::format("/osteon/jobs/{}/{}", a.id, what);
  return Show(a.question, PostJson(a.question.server, path, body), JobText);
}

void AddAct(CLI::App& app, Action& action, const std::string& what, const std::string& help) {
  CLI::App* command = app.add_subcommand(what, help);
  const auto arguments = std::make_shared<ActArguments>();
  command->add_option("JOB", arguments->id, "Number of the job, as 'osteon jobs' shows it")
      ->required()
      ->check(JobNumber());
  command->add_option("--reason", arguments->reason,
                      "Reason to write into the job's history; no patient data");
  AddQuestionOptions(*command, arguments->question);
  command->callback([=, &action] { action = [=] { return RunAct(*arguments, what); }; });
}

}  // namespace

void AddJobActions(CLI::App& app, Action& action) {
  AddAct(app, action, "run-now", "Hand out a waiting job before all others");
  AddAct(app, action, "retry", "Try a job again that is stuck, waiting, skipped or cancelled");
  AddAct(app, action, "skip", "Set a job aside: no report, and no more attempts");
}

}  // namespace osteon::cli
