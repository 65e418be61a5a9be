// SPDX-License-Identifier: GPL-3.0-or-later
// osteon: the command line for people. Parses the arguments, then runs the chosen subcommand.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "daemon/cli/command.h"
#include "daemon/cli/help.h"
#include "daemon/cli/print.h"
#include "pipelines/base/log.h"
#include "pipelines/base/version.h"

namespace osteon::cli {

int Complain(const std::string& message, int exit_code) {
  // The message may have several lines, such as a list of studies.
  std::string_view rest = message;
  const char* prefix = "osteon: ";
  do {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::fprintf(stderr, "%s%s\n", prefix, Printable(rest.substr(0, end)).c_str());
    rest.remove_prefix(std::min(end + 1, rest.size()));
    prefix = "  ";
  } while (!rest.empty());
  return exit_code;
}

namespace {

constexpr const char* kExitCodes =
    "Exit code: 0 done, 1 tried and failed, 2 wrong arguments or unreadable input";

void AddAll(CLI::App& app, Action& action) {
  AddAnalyze(app, action);
  AddEvaluate(app, action);
  AddPhantom(app, action);
  AddStatus(app, action);
  AddJobs(app, action);
  AddExplain(app, action);
  AddJobActions(app, action);
  AddBackfill(app, action);
  AddPauseAndResume(app, action);
  AddDigest(app, action);
  AddLogs(app, action);
  AddConfig(app, action);
  AddDoctor(app, action);
  AddSelftest(app, action);
  AddKeygen(app, action);
  // Those that have more to say about theirs do so themselves.
  app.footer(std::string(kExitCodes) + "; analyze has two more.");
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    if (command->get_footer().find("Exit code") == std::string::npos)
      command->footer(command->get_footer() + kExitCodes + ".");
}

int Main(int argc, char** argv) {
  // Subcommands print their results; of the log, only warnings and errors are shown.
  SetLogSink([](LogLevel level, std::string_view line) {
    if (level == LogLevel::kWarning || level == LogLevel::kError) {
      std::fprintf(stderr, "%s: %s\n", std::string(Name(level)).c_str(), Printable(line).c_str());
    }
  });
  std::signal(SIGPIPE, SIG_IGN);  // So that `osteon jobs | head` is no error.
  CLI::App app(
      "Osteon: finds the bone lesions of CNO on whole-body MRI. Research use; a radiologist must "
      "confirm.",
      "osteon");
  app.formatter(std::make_shared<PlainHelp>());
  app.set_version_flag("--version", "osteon " + std::string(kVersion));
  app.require_subcommand(1);
  Action action;
  AddAll(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);
    return Complain(WhatIsWrong(app, e) + "\nsee 'osteon --help', or --help after a command",
                    kUsage);
  }
  return action();
}

}  // namespace
}  // namespace osteon::cli

int main(int argc, char** argv) {
  try {
    return osteon::cli::Main(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "osteon: %s\n", e.what());
  } catch (...) {
    std::fputs("osteon: failed\n", stderr);
  }
  return osteon::cli::kFailed;
}
