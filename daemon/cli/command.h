// SPDX-License-Identifier: GPL-3.0-or-later
// What all subcommands of osteon share: how main adds and runs them, and their exit codes.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace osteon::cli {

// Exit codes of every subcommand; `analyze` has two more.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;  // It was tried and did not work.
inline constexpr int kUsage = 2;   // Wrong arguments or unreadable input.
inline constexpr int kNotEvaluable =
    3;  // analyze: a whole-body MRI that cannot be assessed; an SR says why.
inline constexpr int kNotWholeBody = 4;  // analyze: another kind of study.

// Set by the callback of the chosen subcommand; main runs it after parsing. Returns the exit code.
using Action = std::function<int()>;

// Each adds its subcommand to `app`. REQUIRES: `action` outlives `app`.
void AddAnalyze(CLI::App& app, Action& action);
void AddEvaluate(CLI::App& app, Action& action);
void AddPhantom(CLI::App& app, Action& action);
void AddStatus(CLI::App& app, Action& action);
void AddJobs(CLI::App& app, Action& action);
void AddExplain(CLI::App& app, Action& action);
void AddJobActions(CLI::App& app, Action& action);
void AddBackfill(CLI::App& app, Action& action);
void AddDigest(CLI::App& app, Action& action);
void AddPauseAndResume(CLI::App& app, Action& action);
void AddConfig(CLI::App& app, Action& action);
void AddLogs(CLI::App& app, Action& action);
void AddDoctor(CLI::App& app, Action& action);
void AddSelftest(CLI::App& app, Action& action);
void AddKeygen(CLI::App& app, Action& action);

// Prints "osteon: message" to standard error and returns `exit_code`.
int Complain(const std::string& message, int exit_code);

}  // namespace osteon::cli
