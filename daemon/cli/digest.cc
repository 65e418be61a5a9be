// SPDX-License-Identifier: GPL-3.0-or-later
// osteon digest: what needs a person, what happened, what is still to come.
#include <CLI/CLI.hpp>

#include "daemon/cli/command.h"
#include "daemon/cli/print.h"
#include "daemon/cli/question.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/moment.h"

namespace osteon::cli {
namespace {

struct DigestArguments {
  Question question;
  std::string since = "24h";
};

std::string CheckMoment(const std::string& text) {
  const UnixMs now_ms = SystemClock().Now();
  const auto at_ms = ParseMoment(text, now_ms);
  if (!at_ms) return "'" + text + "' is no time: " + std::string(kMomentForms);
  return *at_ms > now_ms ? "'" + text + "' is still to come" : "";
}

// The server's own lines, without what could reach a terminal.
std::string Lines(const Json& answer) {
  std::string text = answer.value("text", std::string());
  std::string printed;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    printed += Printable(rest.substr(0, end)) + "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return printed;
}

// In UTC, so that "yesterday" is the reader's and not the server's. Not as %XX: Orthanc 1.10.1
// hands a query to plugins as it came.
int RunDigest(const DigestArguments& a) {
  const UnixMs since_ms = ParseMoment(a.since, SystemClock().Now()).value_or(0);
  return Show(a.question, GetJson(a.question.server, "/osteon/digest?since=" + IsoTime(since_ms)),
              Lines);
}

}  // namespace

void AddDigest(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "digest", "The morning's overview: what needs you, what happened, what is still to come");
  const auto arguments = std::make_shared<DigestArguments>();
  command->add_option("--since", arguments->since, "From when: " + std::string(kMomentForms))
      ->check(CLI::Validator(CheckMoment, "TIME"))
      ->capture_default_str();
  AddQuestionOptions(*command, arguments->question);
  command->callback([=, &action] { action = [=] { return RunDigest(*arguments); }; });
}

}  // namespace osteon::cli
