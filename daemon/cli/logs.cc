// SPDX-License-Identifier: GPL-3.0-or-later
// osteon logs JOB: what happened to one job, step by step from the ledger, and the lines about it
// in the logs of this machine.
#include <fmt/core.h>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "daemon/cli/answer_text.h"
#include "daemon/cli/command.h"
#include "daemon/cli/help.h"
#include "daemon/cli/print.h"
#include "daemon/cli/question.h"
#include "pipelines/base/moment.h"

namespace osteon::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOrthancLogs = "/var/log/orthanc";
constexpr const char* kJournal = "/usr/bin/journalctl";
constexpr const char* kJournalName = "the journal of osteond and Orthanc";

struct LogsArguments {
  Question question;
  std::int64_t id = 0;
  std::vector<std::string> logs;  // Files and folders.
};

struct LogLines {
  std::string source;
  std::vector<std::string> lines;
};

// "job 12" of "job 12, attempt 1" and "job 12 attempt 1", not of "job 123".
bool IsAbout(const std::string& line, const std::string& job) {
  for (auto at = line.find(job); at != std::string::npos; at = line.find(job, at + 1)) {
    const std::size_t behind = at + job.size();
    if (behind == line.size() || line[behind] < '0' || line[behind] > '9') return true;
  }
  return false;
}

// The file itself; of a folder those written to since a time, the oldest first. Orthanc begins a
// file with the time in its name at each start, and links the newest.
std::vector<fs::path> FilesOf(const fs::path& log, UnixMs since_ms) {
  std::error_code error;
  if (!fs::is_directory(log, error)) return {log};
  const std::chrono::sys_time<std::chrono::milliseconds> since{std::chrono::milliseconds(since_ms)};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(log, error)) {
    if (!entry.is_regular_file(error) || entry.is_symlink(error)) continue;
    if (std::chrono::file_clock::to_sys(entry.last_write_time(error)) >= since)
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Nothing: it cannot be read.
std::optional<LogLines> Search(const fs::path& file, const std::string& job) {
  std::ifstream stream(file);
  if (!stream) return std::nullopt;
  LogLines found{file.string(), {}};
  for (std::string line; std::getline(stream, line);)
    if (IsAbout(line, job)) found.lines.push_back(line);
  return found;
}

// Of both services, from when the job was opened.
std::optional<LogLines> SearchJournal(const std::string& since, const std::string& job) {
  if (::access(kJournal, X_OK) != 0) return std::nullopt;
  // ShortTime leaves digits, '-', ':' and a blank of a time; nothing else may reach a shell.
  if (since.empty() || since.find_first_not_of("0123456789-: ") != std::string::npos)
    return std::nullopt;
  const std::string command = std::string(kJournal) +
                              " --no-pager --quiet --utc -o short-iso -u osteond -u orthanc "
                              "--since '" +
                              since + " UTC' 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  if (!pipe) return std::nullopt;
  LogLines found{kJournalName, {}};
  std::string line;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) {
    if (c != '\n') {
      line.push_back(static_cast<char>(c));
      continue;
    }
    if (IsAbout(line, job)) found.lines.push_back(line);
    line.clear();
  }
  return found;
}

std::vector<LogLines> SearchAll(const LogsArguments& a, const Json& job) {
  const std::string name = fmt::format("job {}", a.id);
  std::vector<LogLines> all;
  const auto keep = [&](std::optional<LogLines> found) {
    if (found) all.push_back(*std::move(found));
  };
  const std::string created = Cell(job, "created");
  for (const std::string& log : a.logs.empty() ? std::vector<std::string>{kOrthancLogs} : a.logs)
    for (const fs::path& file : FilesOf(log, ParseMoment(created, 0).value_or(0)))
      keep(Search(file, name));
  if (a.logs.empty()) keep(SearchJournal(ShortTime(created), name));
  return all;
}

std::string Lines(const std::vector<LogLines>& logs, const Json& job) {
  std::string text;
  for (const LogLines& log : logs) {
    text += "\n---- " + log.source + (log.lines.empty() ? ": no line about it\n" : "\n");
    for (const std::string& line : log.lines) text += Printable(line) + "\n";
  }
  if (logs.empty())
    text += "\nno log of that time can be read here (run as root, or name files with --log)\n";
  if (const std::string worker = Cell(job, "worker"); !worker.empty())
    text += "\nwhat worker " + worker + " said is in the log of its machine\n";
  return text;
}

Json WithLogs(Json job, const std::vector<LogLines>& logs) {
  job["logs"] = Json::array();
  for (const LogLines& log : logs) {
    Json lines = Json::array();
    for (const std::string& line : log.lines) lines.push_back(Printable(line));
    job["logs"].push_back({{"source", log.source}, {"lines", lines}});
  }
  return job;
}

int RunLogs(const LogsArguments& a) {
  const Result<Json> job = GetJson(a.question.server, fmt::format("/osteon/jobs/{}", a.id));
  if (!job) return Show(a.question, job, JobText);
  const std::vector<LogLines> logs = SearchAll(a, *job);
  return Show(a.question, WithLogs(*job, logs),
              [&](const Json& told) { return JobText(told) + Lines(logs, told); });
}

}  // namespace

void AddLogs(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("logs", "Show what happened to a job: its steps, and the log lines here");
  const auto arguments = std::make_shared<LogsArguments>();
  command->add_option("JOB", arguments->id, "Number of the job, as 'osteon jobs' shows it")
      ->required()
      ->check(JobNumber());
  command
      ->add_option(
          "--log", arguments->logs,
          std::string("Log files or folders to look in; else ") + kOrthancLogs + " and the journal")
      ->check(CLI::ExistingPath);
  AddQuestionOptions(*command, arguments->question);
  command->callback([=, &action] { action = [=] { return RunLogs(*arguments); }; });
}

}  // namespace osteon::cli
