// SPDX-License-Identifier: GPL-3.0-or-later
// osteon pause, drain, resume: what a person says about all jobs; it stands across restarts.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "daemon/cli/answer_text.h"
#include "daemon/cli/command.h"
#include "daemon/cli/question.h"

namespace osteon::cli {
namespace {

struct HoldArguments {
  Question question;
  std::string reason;
};

std::string Told(const Json& status) {
  const Json hold = status.value("hold", Json());
  const Json jobs = status.value("jobs", Json::object());
  const std::string queue = fmt::format("{} job(s) with a worker, {} waiting\n",
                                        jobs.value("leased", 0) + jobs.value("storing", 0),
                                        jobs.value("ready", 0) + jobs.value("retry_wait", 0));
  if (!hold.is_object()) return "jobs are handed out; " + queue;
  return HoldWords(hold) + "; 'osteon resume' ends it; " + queue;
}

void AddHold(CLI::App& app, Action& action, const std::string& what, const std::string& help) {
  CLI::App* command = app.add_subcommand(what, help);
  const auto arguments = std::make_shared<HoldArguments>();
  command->add_option("--reason", arguments->reason, "For the next one who looks; no patient data");
  AddQuestionOptions(*command, arguments->question);
  command->callback([=, &action] {
    action = [=] {
      const Json body =
          arguments->reason.empty() ? Json::object() : Json{{"Reason", arguments->reason}};
      return Show(arguments->question,
                  PostJson(arguments->question.server, "/osteon/" + what, body), Told);
    };
  });
}

}  // namespace

void AddPauseAndResume(CLI::App& app, Action& action) {
  AddHold(app, action, "pause",
          "Hand out nothing until 'resume', also after a restart; what workers have is finished");
  AddHold(app, action, "drain",
          "Finish what is here and hand out nothing that comes later, until 'resume'");
  AddHold(app, action, "resume", "End a pause or drain");
}

}  // namespace osteon::cli
