// SPDX-License-Identifier: GPL-3.0-or-later
// osteon status: shows the state of the plugin and its workers.
#include <CLI/CLI.hpp>

#include "daemon/cli/answer_text.h"
#include "daemon/cli/command.h"
#include "daemon/cli/question.h"

namespace osteon::cli {

void AddStatus(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("status", "Show the state of the plugin and its workers");
  const auto question = std::make_shared<Question>();
  AddQuestionOptions(*command, *question);
  command->callback([=, &action] {
    action = [=] {
      return Show(*question, GetJson(question->server, "/osteon/status"), StatusText);
    };
  });
}

}  // namespace osteon::cli
