// SPDX-License-Identifier: GPL-3.0-or-later
// osteon explain STUDY: says why a study was selected or not.
#include <CLI/CLI.hpp>

#include "daemon/cli/command.h"
#include "daemon/cli/print.h"
#include "daemon/cli/question.h"

namespace osteon::cli {
namespace {

std::string Explanation(Json answer) {
  const Json series = answer.value("series", Json::array());
  answer.erase("series");
  std::vector<std::vector<std::string>> rows;
  for (const Json& one : series) {
    rows.push_back({Cell(one, "taken"), Cell(one, "class"), Cell(one, "modality"),
                    Cell(one, "instances"), Cell(one, "description"), Cell(one, "reason")});
  }
  return Facts(answer) +
         (rows.empty()
              ? ""
              : "\n" + Table({"TAKEN", "CLASS", "MODALITY", "IMAGES", "SERIES", "REASON"}, rows));
}

}  // namespace

void AddExplain(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("explain", "Say why a study was selected or not, series by series");
  const auto question = std::make_shared<Question>();
  const auto study = std::make_shared<std::string>();
  command->add_option("STUDY", *study, "Study Instance UID, or Orthanc's id")->required();
  AddQuestionOptions(*command, *question);
  command->callback([=, &action] {
    action = [=] {
      return Show(*question, GetJson(question->server, "/osteon/explain/" + UrlEncoded(*study)),
                  Explanation);
    };
  });
}

}  // namespace osteon::cli
