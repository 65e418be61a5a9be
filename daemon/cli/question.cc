// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/question.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "daemon/cli/command.h"

namespace osteon::cli {

void AddQuestionOptions(CLI::App& command, Question& question) {
  AddServerOptions(command, question.server);
  command.add_flag("--json", question.json, "Print the answer as the server gave it");
}

int Show(const Question& question, const Result<Json>& answer,
         const std::function<std::string(const Json&)>& print) {
  if (!answer) return Complain(answer.error().message(), kFailed);
  const std::string text = question.json
                               ? answer->dump(1, ' ', false, Json::error_handler_t::replace) + "\n"
                               : print(*answer);
  std::fputs(text.c_str(), stdout);
  return kDone;
}

}  // namespace osteon::cli
