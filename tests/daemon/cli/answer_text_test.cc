// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/answer_text.h"

#include <gtest/gtest.h>

namespace osteon::cli {
namespace {

using Json = nlohmann::ordered_json;

TEST(Words, StatesAndStages) {
  EXPECT_EQ(StateWords("retry_wait"), "to be tried again");
  EXPECT_EQ(StateWords("stuck"), "stuck");
  EXPECT_EQ(StateWords(""), "");
  EXPECT_EQ(StateWords("of_a_newer_plugin"), "of a newer plugin");
  EXPECT_EQ(StageWords("detect"), "finding lesions");
  EXPECT_EQ(StageWords(""), "");
  EXPECT_EQ(StageWords("of_a_newer_worker"), "of a newer worker");
}

TEST(Words, WhoDidIt) {
  EXPECT_EQ(ActorWords("operator"), "a person");
  EXPECT_EQ(ActorWords("operator ann"), "ann");
  EXPECT_EQ(ActorWords("intake"), "the plugin");
  EXPECT_EQ(ActorWords("dispatch"), "the plugin");
  EXPECT_EQ(ActorWords("worker ward-1"), "worker ward-1");
}

TEST(Words, HeldUpByWhomAndWhy) {
  Json hold = {{"kind", "pause"},
               {"since", "2026-11-22T21:04:05Z"},
               {"by", "operator ann"},
               {"reason", "the network is moved"}};
  EXPECT_EQ(HoldWords(hold), "paused since 2026-11-22 21:04 (UTC) by ann: the network is moved");
  hold["kind"] = "drain";
  hold["reason"] = "";
  EXPECT_EQ(HoldWords(hold), "draining since 2026-11-22 21:04 (UTC) by ann");
}

TEST(JobText, SaysHowItStandsAndWhatHappened) {
  const Json job = Json::parse(R"({
    "id": 7, "study_instance_uid": "1.2.3", "state": "retry_wait", "reason": "the disk is full",
    "why": [{"code": "full"}], "caveat": "T1 is missing", "error_code": "not_ready", "priority": "stat",
    "not_before": "2026-11-22T21:09:00Z", "supersedes": 3, "fingerprint": "0123456789abcdef",
    "copies": [{"destination": "PACS", "state": "failed", "attempts": 3, "reason": "it is away"},
               {"destination": "HERE", "state": "waiting", "attempts": 0, "reason": ""}],
    "results": [{}, {}],
    "history": [{"time": "2026-11-22T21:04:05Z", "actor": "worker ward-1", "event": "failed_for_now",
                 "what": "failed for now", "from": "leased", "to": "retry_wait", "attempt": 2,
                 "reason": "the disk is full"}]})");
  EXPECT_EQ(
      JobText(job),
      "job 7 of study 1.2.3: to be tried again; the disk is full; T1 is missing\n"
      "priority stat; error code not ready; next attempt 2026-11-22 21:09 (UTC); in place of job "
      "3\n"
      "copy to PACS: failed, it is away\n"
      "copy to HERE: waiting\n"
      "2 objects in Orthanc\n"
      "\n"
      "TIME (UTC)           WHAT            STATE              TRY  BY             REASON\n"
      "2026-11-22 21:04:05  failed for now  to be tried again  2    worker ward-1  the disk is "
      "full\n");
}

TEST(JobText, SaysWhatAnAnalysisDoes) {
  Json job = {{"id", 7}, {"state", "leased"}, {"worker", "ward-1"}, {"stage", "detect"}};
  EXPECT_EQ(ProgressOf(job), "finding lesions, 0 %");
  job["fraction"] = 0.426;
  EXPECT_EQ(ProgressOf(job), "finding lesions, 43 %");
  EXPECT_NE(JobText(job).find("worker ward-1 is finding lesions, 43 %\n"), std::string::npos);
  job.erase("stage");
  EXPECT_EQ(ProgressOf(job), "");
}

Json Status() {
  return Json::parse(R"({
    "version": "0.1.0", "mode": "assist", "hold": null, "listening": true, "trouble": [],
    "jobs": {"leased": 1, "not_evaluable": 2}, "oldest_waiting": "", "copies_waiting": 0,
    "copies_failed": 1,
    "workers": [{"name": "ward-1", "version": "0.1.0", "pipeline_hash": "aa", "slots": 2,
                 "free_slots": 1, "silent_ms": 7}],
    "leases_given": 5, "stale_messages": 6, "malformed_messages": 7, "rules_hash": "bb",
    "refused_handshakes": 3, "selftest": null, "selftest_running": null,
    "worker_keys": [{"name": "ward-1", "in_use": true}, {"name": "ward-2", "in_use": false}],
    "send_to": ["PACS"], "disks": [{"what": "Orthanc's storage", "free_mib": 12}]})");
}

TEST(StatusText, SaysWhatAPersonWantsToKnow) {
  EXPECT_EQ(StatusText(Status()),
            "version: 0.1.0\n"
            "mode: assist\n"
            "listens for workers: yes\n"
            "trouble: none\n"
            "jobs:\n"
            "  being analysed: 1\n"
            "  not evaluable: 2\n"
            "copies waiting: 0\n"
            "copies failed: 1\n"
            "workers:\n"
            "  - ward-1 0.1.0, 1 of 2 slot(s) free\n"
            "keys of workers:\n"
            "  - ward-1: in use\n"
            "  - ward-2: not in use here\n"
            "refused handshakes: 3\n"
            "copies go to:\n"
            "  - PACS\n"
            "disks:\n"
            "  - Orthanc's storage: 12 MiB free\n"
            "last self-test: none\n");
}

TEST(StatusText, SaysThatJobsAreHeldUpAndHowSelftestsWent) {
  Json status = Status();
  status["hold"] = {{"kind", "drain"},
                    {"since", "2026-11-22T21:04:05Z"},
                    {"by", "operator"},
                    {"reason", "moving"}};
  status["oldest_waiting"] = "2026-11-22T20:00:00Z";
  status["selftest_running"] = {
      {"since", "2026-11-22T21:00:00Z"}, {"by", "operator ann"}, {"job", nullptr}};
  Json& last = status["selftest"];
  last = {{"at", "2026-11-22T09:00:00Z"},
          {"passed", true},
          {"reason", ""},
          {"found", 4},
          {"of", 5},
          {"seconds", 61},
          {"silent", false}};
  std::string text = StatusText(status);
  for (const char* line :
       {"\nall jobs are: draining since 2026-11-22 21:04 (UTC) by a person: moving\n",
        "\noldest waiting: since 2026-11-22 20:00 (UTC)\n",
        "\nlast self-test: passed 2026-11-22 09:00 (UTC), after 61 s: 4 of 5 lesions found\n",
        "\nself-test: runs since 2026-11-22 21:00 (UTC), by ann\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  last["silent"] = true;
  EXPECT_NE(StatusText(status).find("after 61 s: nothing to compare in silent mode\n"),
            std::string::npos);
  last["passed"] = false;
  last["reason"] = "no report within 900 s";
  EXPECT_NE(StatusText(status).find(
                "failed 2026-11-22 09:00 (UTC), after 61 s: no report within 900 s\n"),
            std::string::npos);
}

}  // namespace
}  // namespace osteon::cli
