// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/checks/doctor_plugin.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "daemon/cli/answer_text.h"
#include "daemon/cli/checks/doctor_nodes.h"
#include "daemon/cli/print.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/moment.h"

namespace osteon::cli {
namespace {

// Jobs wait by the wall clock, and histories are read beside other logs.
constexpr UnixMs kMostClockSeconds = 60;
constexpr const char* kSetClocks = "set both by NTP ('timedatectl set-ntp true')";

Finding CheckOrthanc(const ServerOptions& server) {
  const Result<Json> system = GetJson(server, "/system");
  if (!system)
    return Bad(system.error().message(), "start Orthanc, or give --url, --user, --password-file");
  if (server.user.empty() && !IsOfThisMachine(server.url))
    return Warn("Orthanc " + Cell(*system, "Version") + " answers at " + server.url +
                    " without a password: whoever reaches that address can read and delete images",
                "set \"AuthenticationEnabled\" and \"RegisteredUsers\" in Orthanc's configuration "
                "(manual, 'Users and TLS'), and restart it");
  return Good("Orthanc " + Cell(*system, "Version") + " answers at " + server.url);
}

void CheckJobs(const Json& status, std::vector<Finding>& findings) {
  const Json jobs = status.value("jobs", Json::object());
  const int stuck = jobs.value("stuck", 0);
  if (stuck > 0) {
    findings.push_back(
        Warn(fmt::format("{} job(s) are stuck", stuck),
             "'osteon jobs --state stuck' says why; then 'osteon retry JOB' or 'osteon skip JOB'"));
  }
  const int not_evaluable = jobs.value("not_evaluable", 0);
  if (not_evaluable > 0) {
    findings.push_back(
        Warn(fmt::format("{} report(s) say that their study was not evaluable", not_evaluable),
             "'osteon jobs --state not_evaluable' says why; this is not a negative result: a "
             "radiologist must read these images"));
  }
}

// Histories are written by all their clocks.
void CheckWorkerClock(const Json& worker, std::vector<Finding>& findings) {
  const Json ahead_ms = worker.value("clock_ahead_ms", Json());
  if (!ahead_ms.is_number()) return;
  const UnixMs ahead_s = ahead_ms.get<UnixMs>() / 1000;
  const std::string name = Cell(worker, "name");
  findings.push_back(std::abs(ahead_s) > kMostClockSeconds
                         ? Warn(fmt::format("the clock of worker {} is {} s {} Orthanc's", name,
                                            std::abs(ahead_s), ahead_s > 0 ? "ahead of" : "behind"),
                                kSetClocks)
                         : Good("the clocks of worker " + name + " and of Orthanc agree"));
}

Finding CheckVersion(const Json& status, const Json& worker) {
  const std::string ours = Cell(status, "version");
  const std::string theirs = Cell(worker, "version");
  const std::string name = Cell(worker, "name");
  if (theirs != ours)
    return Warn("worker " + name + " is version " + theirs + ", the plugin " + ours,
                "install the same version on both; what was analysed by either is right");
  return Good("worker " + name + " has the plugin's version");
}

// Reports differ with the pipeline, so which worker is free would decide.
void CheckPipelines(const Json& status, std::vector<Finding>& findings) {
  std::set<std::string> hashes;
  for (const Json& worker : status.value("workers", Json::array()))
    hashes.insert(Cell(worker, "pipeline_hash"));
  if (hashes.size() > 1)
    findings.push_back(Warn(
        fmt::format("the workers have {} different pipelines (networks or [pipeline] settings)",
                    hashes.size()),
        "install the same version and the same [pipeline] in osteond.toml on "
        "each, or reports depend on which worker is free"));
}

// The request takes its time, so half of it may be its way here.
void CheckClock(const Json& status, UnixMs asked_ms, UnixMs answered_ms,
                std::vector<Finding>& findings) {
  const auto theirs_ms = ParseMoment(Cell(status, "now"), answered_ms);
  if (!theirs_ms) return;
  const UnixMs before_ms = asked_ms - *theirs_ms;
  const UnixMs after_ms = *theirs_ms - answered_ms;
  const UnixMs apart_s = std::max(before_ms, after_ms) / 1000;
  findings.push_back(
      apart_s > kMostClockSeconds
          ? Warn(fmt::format("the clocks of this machine and of Orthanc's are {} s apart", apart_s),
                 kSetClocks)
          : Good("the clocks of this machine and of Orthanc's agree"));
}

void CheckDisks(const Json& status, std::vector<Finding>& findings) {
  for (const Json& disk : status.value("disks", Json::array())) {
    const auto free_mib = disk.value("free_mib", std::uint64_t{0});
    const std::string text = fmt::format("disk of {}: {} MiB free", Cell(disk, "what"), free_mib);
    findings.push_back(free_mib < kLowDiskMib
                           ? Warn(text, "make room: reports that cannot be stored wait")
                           : Good(text));
  }
}

void CheckHold(const Json& status, std::vector<Finding>& findings) {
  const Json hold = status.value("hold", Json());
  if (!hold.is_object()) return;
  findings.push_back(Warn(HoldWords(hold), "'osteon resume' when work may go on"));
}

// Keys that nobody uses are doors left open, or workers that are away.
void CheckKeys(const Json& status, std::vector<Finding>& findings) {
  for (const Json& key : status.value("worker_keys", Json::array())) {
    const std::string name = Cell(key, "name");
    if (key.value("in_use", false))
      findings.push_back(Good("key of worker " + name + " is allowed and in use"));
    else
      findings.push_back(Warn("key of worker " + name + " is allowed, but no worker here has it",
                              "start osteond there ('osteon doctor' on that machine tells why it "
                              "does not connect), or take its line out of AllowedWorkersFile"));
  }
}

void CheckWorkers(const Json& status, std::vector<Finding>& findings) {
  const Json workers = status.value("workers", Json::array());
  if (workers.empty()) {
    findings.push_back(Bad("no worker is connected to the plugin",
                           "start osteond on its machine; 'osteon doctor' there tells why it does "
                           "not connect"));
  }
  for (const Json& worker : workers) {
    findings.push_back(CheckVersion(status, worker));
    CheckWorkerClock(worker, findings);
    findings.push_back(Good("worker " + Cell(worker, "name") + " " + Cell(worker, "version") +
                            ", " + Cell(worker, "free_slots") + " of " + Cell(worker, "slots") +
                            " slot(s) free"));
  }
  if (status.value("refused_handshakes", 0) > 0) {
    findings.push_back(
        Warn(Cell(status, "refused_handshakes") + " handshakes were refused since Orthanc started",
             "Orthanc's log says whose: put the key that it names into AllowedWorkersFile if it is "
             "one of your workers', or the plugin's server.pub on a machine that has a wrong one; "
             "they are counted until Orthanc is restarted"));
  }
}

// What to do about a trouble that has these words; the first that fits.
struct Remedy {
  const char* words;
  const char* fix;
};
constexpr Remedy kRemedies[] = {
    {"the digest of ",
     "it is tried again by itself; check \"Digest\" in the Osteon section and the server it names"},
    {"RulesFile ", "correct that file ('osteon config check' tries it); Orthanc needs no restart"},
    {"AllowedWorkersFile ",
     "correct that file: a line for each worker, as in its .pub file; Orthanc needs no restart"},
    {": its settings ",
     "correct that file on the worker's machine ('osteon config check' tries it); osteond needs no "
     "restart"},
    {"more than one worker is called ",
     "set another name in [worker] of osteond.toml on one of their machines; osteond needs no "
     "restart"},
    {"\"SendTo\" names ",
     "correct the name in \"SendTo\", or add the node to \"DicomModalities\", and restart Orthanc; "
     "then 'send again' on the page for the copies that failed"},
    {"listen on ",
     "end the other program at that address ('ss -ltnp' shows it), or choose another \"Endpoint\" "
     "in the Osteon section and in [worker] of every worker's osteond.toml; it is tried again by "
     "itself"},
    {"ledger is damaged", "stop Orthanc and restore the ledger from a backup, as the manual says"},
    {"ledger",
     "see that its disk has room and can be written, or that its PostgreSQL runs and lets Orthanc "
     "in; the plugin goes on by itself when it answers"}};

// Said from the start until all of Orthanc's studies were compared: nothing is wrong then.
constexpr const char* kStillStarting = "still comparing";

const char* RemedyOf(const std::string& trouble) {
  for (const Remedy& remedy : kRemedies)
    if (trouble.find(remedy.words) != std::string::npos) return remedy.fix;
  return "it is tried again by itself; if it stays, search Orthanc's log for these words "
         "(/var/log/orthanc) and correct what stands before them, or report it with that log";
}

void CheckPlugin(const ServerOptions& server, std::vector<Finding>& findings) {
  const SystemClock clock;
  const UnixMs asked_ms = clock.Now();
  const Result<Json> status = GetJson(server, "/osteon/status");
  if (!status) {
    findings.push_back(Bad(
        "the plugin does not answer: " + status.error().message(),
        "add libOsteonPlugin.so to \"Plugins\" and an \"Osteon\" section with \"Enabled\": true"));
    return;
  }
  findings.push_back(
      Good("plugin " + Cell(*status, "version") + ", mode " + Cell(*status, "mode")));
  if (!status->value("listening", true)) {
    findings.push_back(
        Bad("the plugin does not listen for workers",
            "it tries again by itself; the plugin's reports below say why it cannot, and "
            "what to do"));
  }
  for (const Json& entry : status->value("trouble", Json::array())) {
    const std::string trouble = Cell(entry);
    findings.push_back(trouble.starts_with(kStillStarting)
                           ? Warn("the plugin reports: " + trouble,
                                  "it has just started, and takes some minutes where Orthanc has "
                                  "many studies: ask again then")
                           : Bad("the plugin reports: " + trouble, RemedyOf(trouble)));
  }
  CheckClock(*status, asked_ms, clock.Now(), findings);
  CheckDisks(*status, findings);
  CheckWorkers(*status, findings);
  CheckKeys(*status, findings);
  CheckPipelines(*status, findings);
  CheckNodes(server, *status, findings);
  CheckHold(*status, findings);
  CheckJobs(*status, findings);
}

}  // namespace

std::vector<Finding> CheckServer(const ServerOptions& server) {
  std::vector<Finding> findings = {CheckOrthanc(server)};
  if (findings[0].verdict != Verdict::kBad) CheckPlugin(server, findings);
  return findings;
}

}  // namespace osteon::cli
