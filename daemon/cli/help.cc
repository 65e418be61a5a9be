// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/help.h"

#include <algorithm>

#include "pipelines/base/nearest.h"

namespace osteon::cli {
namespace {

// Turns "TEXT:FILE" into "FILE" and "INT:INT in [1 - 1000]" into "1 to 1000".
std::string ValueName(std::string type) {
  if (const auto colon = type.find(':'); colon != std::string::npos) type.erase(0, colon + 1);
  if (const auto range = type.find(" in ["); range != std::string::npos) {
    type = type.substr(range + 5, type.find(']') - range - 5);
    if (const auto dash = type.find(" - "); dash != std::string::npos)
      type.replace(dash, 3, " to ");
    return type;
  }
  if (type == "UINT" || type == "INT" || type == "FLOAT") return "NUMBER";
  return type == "DIR" ? "FOLDER" : type;
}

bool Is(const CLI::Error& error, CLI::ExitCodes code) {
  return error.get_exit_code() == static_cast<int>(code);
}

// The first option that the command does not know.
std::string UnknownOption(const CLI::App& app) {
  const std::vector<std::string> left = app.remaining(/*recurse=*/true);
  const auto option = std::find_if(left.begin(), left.end(),
                                   [](const std::string& word) { return word.starts_with("-"); });
  return option == left.end() ? std::string() : option->substr(0, option->find('='));
}

}  // namespace

std::string DidYouMean(std::string_view typed, const std::vector<std::string_view>& known) {
  const std::string_view nearest = NearestName(typed, known);
  if (nearest.empty() || EditDistance(typed, nearest) > std::max<std::size_t>(2, typed.size() / 3))
    return {};
  return "; did you mean '" + std::string(nearest) + "'?";
}

CLI::Validator JobNumber() {
  return CLI::Validator(
      [](const std::string& typed) {
        const bool is_number = typed.size() <= 18 &&
                               typed.find_first_not_of("0123456789") == std::string::npos &&
                               typed.find_first_not_of('0') != std::string::npos;
        return is_number ? std::string()
                         : "'" + typed + "' is no number of a job; 'osteon jobs' shows them";
      },
      "NUMBER");
}

std::string WhatIsWrong(const CLI::App& app, const CLI::Error& error) {
  const std::vector<CLI::App*> chosen = const_cast<CLI::App&>(app).get_subcommands();
  if (chosen.empty()) {
    const std::vector<std::string> left = app.remaining();
    if (left.empty()) return "a command is needed";
    if (left.front().starts_with("-")) return "there is no option '" + left.front() + "'";
    const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
    std::vector<std::string> names;
    names.reserve(commands.size());
    for (const CLI::App* command : commands) names.push_back(command->get_name());
    return "there is no command '" + left.front() + "'" +
           DidYouMean(left.front(), {names.begin(), names.end()});
  }
  const std::string said = error.what();
  if (Is(error, CLI::ExitCodes::ArgumentMismatch))
    return said.substr(0, said.find(':')) + " needs a value";
  // First, as its value was taken for an argument.
  const std::string typed = UnknownOption(*chosen.front());
  if (typed.empty()) return said;
  std::vector<std::string> names;
  for (const CLI::Option* option : chosen.front()->get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return "'" + chosen.front()->get_name() + "' has no option '" + typed + "'" +
         DidYouMean(typed, {names.begin(), names.end()});
}

std::string PlainHelp::make_option_opts(const CLI::Option* option) const {
  std::string text;
  if (option->get_type_size() == 0) return text;
  text += " " + ValueName(option->get_type_name());
  if (!option->get_default_str().empty()) text += " (" + option->get_default_str() + ")";
  if (option->get_required()) text += " (needed)";
  for (const CLI::Option* other : option->get_needs()) text += ", with " + other->get_name();
  return text;
}

}  // namespace osteon::cli
