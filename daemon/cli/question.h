// SPDX-License-Identifier: GPL-3.0-or-later
// What the subcommands that ask the plugin share: one request, and one way to print its answer.
#pragma once

#include <functional>
#include <string>

#include "daemon/cli/orthanc_client.h"

namespace osteon::cli {

struct Question {
  ServerOptions server;
  bool json = false;
};

// --url, --user, --password-file, --json.
void AddQuestionOptions(CLI::App& command, Question& question);

// Prints the answer: raw with --json, else as `print` makes it. Exit code: a request the server
// refuses is as much a failure as a server that is not there.
int Show(const Question& question, const Result<Json>& answer,
         const std::function<std::string(const Json&)>& print);

// "2026-11-22T21:04:05Z" as "2026-11-22 21:04".
std::string ShortTime(std::string time);
// A job with its history as facts and a table.
std::string OneJob(const Json& job);

}  // namespace osteon::cli
