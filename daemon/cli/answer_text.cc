// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/answer_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "daemon/cli/print.h"
#include "orthanc-plugin/ledger/states.h"

namespace osteon::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::pair<std::string_view, const char*> kStages[] = {
    {"receive", "receiving the images"},
    {"read", "reading the images"},
    {"compose", "joining the stations"},
    {"skeleton", "locating the skeleton"},
    {"detect", "finding lesions"},
    {"characterise", "measuring lesions"},
    {"compare", "comparing with the prior report"},
    {"pages", "drawing the pages"},
    {"report", "writing the report"}};

std::string Head(const Json& job) {
  std::string text = "job " + Cell(job, "id") + " of study " + Cell(job, "study_instance_uid") +
                     ": " + StateWords(Cell(job, "state"));
  for (const char* key : {"reason", "caveat"})
    if (const std::string words = Cell(job, key); !words.empty()) text += "; " + words;
  text += "\npriority " + Cell(job, "priority");
  if (const std::string code = Cell(job, "error_code"); !code.empty())
    text += "; error code " + WithoutUnderscores(code);
  if (const std::string next = Cell(job, "not_before"); !next.empty())
    text += "; next attempt " + ShortTime(next) + " (UTC)";
  if (const std::string before = Cell(job, "supersedes"); !before.empty())
    text += "; in place of job " + before;
  return text + "\n";
}

// What came of it, beside its state.
std::string Outcome(const Json& job) {
  std::string text;
  if (const std::string doing = ProgressOf(job); !doing.empty())
    text += "worker " + Cell(job, "worker") + " is " + doing + "\n";
  for (const Json& copy : job.value("copies", Json::array())) {
    const std::string reason = Cell(copy, "reason");
    text += "copy to " + Cell(copy, "destination") + ": " + Cell(copy, "state") +
            (reason.empty() ? "" : ", " + reason) + "\n";
  }
  const std::size_t objects = job.value("results", Json::array()).size();
  if (objects > 0) text += fmt::format("{} objects in Orthanc\n", objects);
  return text;
}

std::string Steps(const Json& job) {
  std::vector<std::vector<std::string>> rows;
  for (const Json& step : job.value("history", Json::array())) {
    std::string time = Cell(step, "time");
    if (time.size() == 20) time[10] = ' ', time.resize(19);
    rows.push_back({time, Cell(step, "what"), StateWords(Cell(step, "to")), Cell(step, "attempt"),
                    ActorWords(Cell(step, "actor")), Cell(step, "reason")});
  }
  return Table({"TIME (UTC)", "WHAT", "STATE", "TRY", "BY", "REASON"}, rows);
}

Json JobCounts(const Json& counts) {
  Json told = Json::object();
  for (const auto& [state, count] : counts.items()) told[StateWords(state)] = count;
  return told;
}

std::string SelftestText(const Json& selftest) {
  if (!selftest.is_object()) return "none";
  const bool passed = selftest.value("passed", false);
  const std::string text = (passed ? "passed " : "failed ") + ShortTime(Cell(selftest, "at")) +
                           " (UTC), after " + Cell(selftest, "seconds") + " s: ";
  if (!passed) return text + Cell(selftest, "reason");
  if (selftest.value("silent", false)) return text + "nothing to compare in silent mode";
  return text + Cell(selftest, "found") + " of " + Cell(selftest, "of") + " lesions found";
}

// One line for each element of a list.
template <typename Line>
Json Lines(const Json& status, const char* key, Line line) {
  Json lines = Json::array();
  for (const Json& one : status.value(key, Json::array())) lines.push_back(line(one));
  return lines;
}

std::string WorkerLine(const Json& worker) {
  return Cell(worker, "name") + " " + Cell(worker, "version") + ", " + Cell(worker, "free_slots") +
         " of " + Cell(worker, "slots") + " slot(s) free";
}

std::string KeyLine(const Json& key) {
  return Cell(key, "name") + (key.value("in_use", false) ? ": in use" : ": not in use here");
}

std::string DiskLine(const Json& disk) {
  return Cell(disk, "what") + ": " + Cell(disk, "free_mib") + " MiB free";
}

}  // namespace

std::string WithoutUnderscores(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string StateWords(const std::string& state) {
  const auto known = plugin::JobStateFromName(state);
  return known ? std::string(Words(*known)) : WithoutUnderscores(state);
}

std::string StageWords(const std::string& stage) {
  for (const auto& [name, words] : kStages)
    if (name == stage) return words;
  return WithoutUnderscores(stage);
}

std::string ActorWords(const std::string& actor) {
  constexpr std::string_view person = "operator ";
  if (actor == "intake" || actor == "dispatch") return "the plugin";
  if (actor == "operator") return "a person";
  return actor.starts_with(person) ? actor.substr(person.size()) : actor;
}

std::string HoldWords(const Json& hold) {
  const std::string reason = Cell(hold, "reason");
  return std::string(Cell(hold, "kind") == "drain" ? "draining" : "paused") + " since " +
         ShortTime(Cell(hold, "since")) + " (UTC) by " + ActorWords(Cell(hold, "by")) +
         (reason.empty() ? "" : ": " + reason);
}

std::string ShortTime(std::string time) {
  if (time.size() == 20) time[10] = ' ', time.resize(16);
  return time;
}

std::string ProgressOf(const Json& job) {
  const std::string stage = Cell(job, "stage");
  if (stage.empty()) return {};
  const Json fraction = job.value("fraction", Json(0));
  return fmt::format("{}, {:.0f} %", StageWords(stage),
                     100 * (fraction.is_number() ? fraction.get<double>() : 0));
}

std::string JobText(const Json& job) { return Head(job) + Outcome(job) + "\n" + Steps(job); }

std::string StatusText(const Json& status) {
  Json told;
  told["version"] = status.value("version", Json());
  told["mode"] = status.value("mode", Json());
  if (const Json hold = status.value("hold", Json()); hold.is_object())
    told["all jobs are"] = HoldWords(hold);
  told["listens for workers"] = status.value("listening", Json());
  told["trouble"] = status.value("trouble", Json::array());
  told["jobs"] = JobCounts(status.value("jobs", Json::object()));
  if (const std::string oldest = ShortTime(Cell(status, "oldest_waiting")); !oldest.empty())
    told["oldest waiting"] = "since " + oldest + " (UTC)";
  told["copies waiting"] = status.value("copies_waiting", Json());
  told["copies failed"] = status.value("copies_failed", Json());
  told["workers"] = Lines(status, "workers", WorkerLine);
  told["keys of workers"] = Lines(status, "worker_keys", KeyLine);
  told["refused handshakes"] = status.value("refused_handshakes", Json());
  told["copies go to"] = status.value("send_to", Json::array());
  told["disks"] = Lines(status, "disks", DiskLine);
  told["last self-test"] = SelftestText(status.value("selftest", Json()));
  if (const Json runs = status.value("selftest_running", Json()); runs.is_object())
    told["self-test"] = "runs since " + ShortTime(Cell(runs, "since")) + " (UTC), by " +
                        ActorWords(Cell(runs, "by"));
  return Facts(told);
}

}  // namespace osteon::cli
