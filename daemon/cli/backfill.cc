// SPDX-License-Identifier: GPL-3.0-or-later
// osteon backfill: queues studies that were in Orthanc before Osteon was.
#include <CLI/CLI.hpp>
#include <chrono>

#include "daemon/cli/command.h"
#include "daemon/cli/print.h"
#include "daemon/cli/question.h"

namespace osteon::cli {
namespace {

struct BackfillArguments {
  Question question;
  std::string from, to;
  bool reanalyse = false;
  bool dry_run = false;
};

// What would be queued first, then what would not and why.
std::string DryRun(Json answer) {
  const Json studies = answer.value("studies", Json::array());
  answer.erase("studies");
  std::vector<std::vector<std::string>> rows;
  for (const bool queued : {true, false})
    for (const Json& study : studies)
      if (study.value("queued", false) == queued)
        rows.push_back({queued ? "yes" : "no", Cell(study, "date"),
                        Cell(study, "study_instance_uid"), Cell(study, "reason")});
  return Facts(answer) +
         (rows.empty() ? "" : "\n" + Table({"QUEUED", "DATE", "STUDY", "WHY NOT"}, rows)) +
         "\nnothing was queued; the rules look at each study when it is ('osteon explain STUDY' "
         "tells before)\n";
}

int RunBackfill(const BackfillArguments& a) {
  if (!a.to.empty() && a.to < a.from) return Complain("--to is before --from", kUsage);
  Json body = Json::object();
  if (!a.from.empty()) body["From"] = a.from;
  if (!a.to.empty()) body["To"] = a.to;
  if (a.reanalyse) body["Reanalyse"] = true;
  if (a.dry_run) body["DryRun"] = true;
  return Show(a.question, PostJson(a.question.server, "/osteon/backfill", body),
              [&a](const Json& answer) { return a.dry_run ? DryRun(answer) : Facts(answer); });
}

std::string CheckDay(const std::string& text) {
  if (text.size() != 8 || text.find_first_not_of("0123456789") != std::string::npos)
    return "a day is YYYYMMDD";
  const auto number = [&](std::size_t at, std::size_t count) {
    return std::stoi(text.substr(at, count));
  };
  const std::chrono::year_month_day day(std::chrono::year(number(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(4, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(6, 2))));
  return day.ok() ? "" : "there is no day " + text;
}

}  // namespace

void AddBackfill(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "backfill", "Queue studies that are in Orthanc already, at the lowest priority");
  const auto arguments = std::make_shared<BackfillArguments>();
  const CLI::Validator day(CheckDay, "YYYYMMDD");
  command->add_option("--from", arguments->from, "First study date")->check(day);
  command->add_option("--to", arguments->to, "Last study date")->check(day);
  command->add_flag("--reanalyse", arguments->reanalyse, "Also those that have a report");
  command->add_flag("--dry-run", arguments->dry_run,
                    "Only say which studies would be queued, and why not the others");
  AddQuestionOptions(*command, arguments->question);
  command->callback([=, &action] { action = [=] { return RunBackfill(*arguments); }; });
}

}  // namespace osteon::cli
