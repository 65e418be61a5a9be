// SPDX-License-Identifier: GPL-3.0-or-later
// For the subcommands that ask the plugin: one request, and one way to print the answer.
#pragma once

#include <functional>
#include <string>

#include "daemon/cli/orthanc_client.h"

namespace osteon::cli {

struct Question {
  ServerOptions server;
  bool json = false;
};

// Adds the server options and --json.
void AddQuestionOptions(CLI::App& command, Question& question);

// Prints the answer: as JSON with --json, else as `print` formats it. Returns kDone, or kFailed
// after printing the error when `answer` is one.
int Show(const Question& question, const Result<Json>& answer,
         const std::function<std::string(const Json&)>& print);

}  // namespace osteon::cli
