// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/question.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "daemon/cli/command.h"
#include "daemon/cli/print.h"

namespace osteon::cli {
namespace {

std::string HistoryTable(const Json& history) {
  std::vector<std::vector<std::string>> rows;
  for (const Json& row : history) {
    rows.push_back({ShortTime(Cell(row, "time")), Cell(row, "from"), Cell(row, "to"),
                    Cell(row, "attempt"), Cell(row, "actor"), Cell(row, "reason")});
  }
  return Table({"TIME (UTC)", "FROM", "TO", "TRY", "BY", "REASON"}, rows);
}

}  // namespace

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

std::string ShortTime(std::string time) {
  if (time.size() == 20) time[10] = ' ', time.resize(16);
  return time;
}

std::string OneJob(const Json& job) {
  const Json history = job.value("history", Json::array());
  Json facts = job;
  facts.erase("history");
  return Facts(facts) + (history.empty() ? "" : "\n" + HistoryTable(history));
}

}  // namespace osteon::cli
