// SPDX-License-Identifier: GPL-3.0-or-later
// osteon explain STUDY: says why a study was selected or not.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "daemon/cli/answer_text.h"
#include "daemon/cli/command.h"
#include "daemon/cli/print.h"
#include "daemon/cli/question.h"

namespace osteon::cli {
namespace {

// How the rules in force judge the study.
std::string Taken(const std::string& verdict) {
  if (verdict == "analyse") return "yes";
  return verdict == "wait" ? "not yet" : "no";
}

// Its job, and why when that is another reason than today's.
std::string JobOf(const Json& answer) {
  const Json job = answer.value("job", Json());
  if (!job.is_object()) return "none";
  const std::string reason = Cell(job, "reason");
  return Cell(job, "id") + ", " + StateWords(Cell(job, "state")) +
         (reason.empty() || reason == Cell(answer, "reason") ? "" : ": " + reason);
}

Json Verdict(const Json& answer) {
  return {{"study", Cell(answer, "study_instance_uid")},
          {"Orthanc's id", Cell(answer, "orthanc_id")},
          {"taken", Taken(Cell(answer, "verdict"))},
          {"reason", Cell(answer, "reason")},
          {"caveat", Cell(answer, "caveat")},
          {"covered", fmt::format("{:.0f} mm of the body; {:.0f} mm are needed",
                                  answer.value("extent_mm", 0.0), answer.value("needed_mm", 0.0))},
          {"images taken", Cell(answer, "instances_taken")},
          {"job", JobOf(answer)}};
}

std::string Explanation(const Json& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const Json& one : answer.value("series", Json::array())) {
    rows.push_back({Cell(one, "taken"), Cell(one, "class"), Cell(one, "modality"),
                    Cell(one, "instances"), Cell(one, "description"), Cell(one, "reason")});
  }
  return Facts(Verdict(answer)) +
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
