// SPDX-License-Identifier: GPL-3.0-or-later
// What an operator may do, and who else may not.
#include "orthanc-plugin/web/actions.h"

#include "orthanc-plugin/web/http.h"
#include "pipelines/base/moment.h"
#include "tests/orthanc-plugin/web/routes_fixture.h"

namespace osteon::plugin {
namespace {

using ActionsTest = RoutesTest;

TEST_F(ActionsTest, APauseIsShownUntilItIsTakenBack) {
  EXPECT_EQ(Body(Ask(HttpMethod::kGet, "/osteon/status"))["hold"], nullptr);
  EXPECT_EQ(Act("/osteon/pause", {}).status, 403);
  EXPECT_EQ(Act("/osteon/pause", ours, R"({"Why": "x"})").status, 400);
  const UnixMs begun_ms = clock.now_ms;
  ASSERT_EQ(Act("/osteon/drain", ours, R"({"Reason": "the move"})").status, 200);
  clock.Pass(60'000);
  const auto hold = Body(Act("/osteon/drain", ours))["hold"];
  EXPECT_EQ(hold["kind"], "drain");
  EXPECT_EQ(hold["since"], IsoTime(begun_ms));
  EXPECT_EQ(hold["reason"], "the move");
  EXPECT_EQ(Body(Act("/osteon/resume", ours))["hold"], nullptr);
}

TEST_F(ActionsTest, TheLastSelftestIsKept) {
  EXPECT_EQ(Body(Ask(HttpMethod::kGet, "/osteon/status"))["selftest"], nullptr);
  EXPECT_EQ(Ask(HttpMethod::kGet, "/osteon/selftest").status, 405);
  EXPECT_EQ(Act("/osteon/selftest", {}).status, 403);
  EXPECT_EQ(Act("/osteon/selftest", ours, R"({"Found": -1})").status, 400);
  ASSERT_EQ(Act("/osteon/selftest", ours,
                R"({"Passed": true, "Found": 3, "Of": 4, "Seconds": 95, "Silent": false})")
                .status,
            200);
  const auto kept = Body(Ask(HttpMethod::kGet, "/osteon/status"))["selftest"];
  EXPECT_EQ(kept["at"], IsoTime(clock.now_ms));
  EXPECT_EQ(kept["passed"], true);
  EXPECT_EQ(kept["found"], 3);
  EXPECT_EQ(kept["of"], 4);
}

TEST_F(ActionsTest, ASelftestIsBegunByWhoMayActAndShown) {
  std::vector<std::string> begun_by;
  Status answer;
  context.start_selftest = [&](const std::string& actor) {
    begun_by.push_back(actor);
    return answer;
  };
  EXPECT_EQ(Ask(HttpMethod::kGet, "/osteon/selftest/start").status, 405);
  EXPECT_EQ(Act("/osteon/selftest/start", {}).status, 403);
  EXPECT_EQ(Act("/osteon/selftest/start", ours, R"({"Seed": 1})").status, 400);
  EXPECT_TRUE(begun_by.empty());
  EXPECT_EQ(Body(Act("/osteon/selftest/start", ours))["selftest_running"], nullptr);
  EXPECT_EQ(begun_by, std::vector<std::string>{"operator"});
  answer = Cancelled("another self-test runs");
  EXPECT_EQ(Act("/osteon/selftest/start", ours).status, 409);
  // Its job is found by the study, once intake has looked at that.
  ASSERT_TRUE(ledger.store->ReplaceSelftest({}, {"1.2.3", clock.now_ms, 0, "operator alice"}));
  auto running = Body(Ask(HttpMethod::kGet, "/osteon/status"))["selftest_running"];
  EXPECT_EQ(running["since"], IsoTime(clock.now_ms));
  EXPECT_EQ(running["by"], "operator alice");
  EXPECT_EQ(running["job"], nullptr);
  ASSERT_TRUE(ledger.store->Describe(id, "1.2.3", "waits", ""));
  running = Body(Ask(HttpMethod::kGet, "/osteon/status"))["selftest_running"];
  EXPECT_EQ(running["job"]["id"], id);
  EXPECT_EQ(running["job"]["state"], "collecting");
}

TEST_F(ActionsTest, ARefusedActionIsSaidInWordsForPeople) {
  ASSERT_EQ(Answer(context, {HttpMethod::kPost, "/osteon/jobs/1/cancel", {}, ours, ""}).status,
            200);
  const HttpReply reply =
      Answer(context, {HttpMethod::kPost, "/osteon/jobs/1/cancel", {}, ours, ""});
  EXPECT_NE(reply.status, 200);
  EXPECT_NE(reply.body.find("is cancelled; being cancelled does not change that"),
            std::string::npos)
      << reply.body;
}

TEST_F(ActionsTest, OnlyOurOwnPageAndToolsMayAct) {
  struct Case {
    const char* what;
    std::map<std::string, std::string> headers;
    bool allowed;
  };
  const Case cases[] = {
      {"a form of another site", {}, false},
      {"a tool", {{"x-osteon", "1"}}, true},
      {"the page",
       {{"x-osteon", "1"},
        {"sec-fetch-site", "same-origin"},
        {"origin", "http://pacs:8042"},
        {"host", "pacs:8042"}},
       true},
      {"the page behind a proxy",
       {{"x-osteon", "1"},
        {"origin", "https://pacs"},
        {"host", "127.0.0.1:8042"},
        {"x-forwarded-host", "pacs"}},
       true},
      {"another site", {{"x-osteon", "1"}, {"sec-fetch-site", "cross-site"}}, false},
      {"another port",
       {{"x-osteon", "1"}, {"origin", "http://pacs:9999"}, {"host", "pacs:8042"}},
       false},
      {"a frame without origin",
       {{"x-osteon", "1"}, {"origin", "null"}, {"host", "pacs:8042"}},
       false},
  };
  for (const Case& c : cases)
    EXPECT_EQ(WhyForged({HttpMethod::kPost, "", {}, c.headers, ""}).empty(), c.allowed) << c.what;
}

TEST_F(ActionsTest, AnActionIsInTheHistoryUnderTheOperatorsName) {
  auto headers = ours;
  headers["authorization"] = "Basic YWxpY2U6c2VjcmV0";  // alice:secret
  const HttpReply reply = Act("/osteon/jobs/1/skip", headers, R"({"Reason":"a phantom"})");
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto job = Body(reply);
  EXPECT_EQ(job["state"], "skipped");
  EXPECT_EQ(job["history"].back()["actor"], "operator alice");
  EXPECT_EQ(job["history"].back()["reason"], "a phantom");
  EXPECT_EQ(reply.body.find("secret"), std::string::npos);
  EXPECT_EQ(Act("/osteon/jobs/1/skip", ours).status, 409) << "skipped already";
  const auto newer =
      ledger.store->Open({"s1", "1.2.3", Priority::kRoutine, "t", "", {}}, clock.now_ms);
  ASSERT_TRUE(newer.ok());
  ASSERT_TRUE(ledger.store->Apply({newer->id, JobEvent::kCancel, "t", "", {}, {}}, clock.now_ms));
  EXPECT_EQ(Act("/osteon/jobs/1/retry", ours).status, 409) << "there is a newer job of the study";
  EXPECT_EQ(Body(Act("/osteon/jobs/2/retry", ours))["state"], "collecting");
  EXPECT_EQ(ledger.store->DueStudies(clock.now_ms, 10)->size(), 1U) << "judged again at once";
  EXPECT_GT(woken, 0);
}

TEST_F(ActionsTest, ACollectingJobIsJudgedAtOnce) {
  const auto job = Body(Act("/osteon/jobs/1/run-now", ours));
  EXPECT_EQ(job["state"], "collecting");
  EXPECT_EQ(job["priority"], "stat");
  EXPECT_EQ(ledger.store->DueStudies(clock.now_ms, 10)->size(), 1U);
}

TEST_F(ActionsTest, AWaitingJobIsRunNowAndOneThatIsSkippedIsNot) {
  JobPatch patch;
  patch.inputs_hash = "inputs";
  ASSERT_TRUE(ledger.store->Apply({id, JobEvent::kGateOpened, "t", "", {}, patch}, clock.now_ms));
  EXPECT_EQ(Act("/osteon/jobs/1/run-now", {}).status, 403);
  const auto job = Body(Act("/osteon/jobs/1/run-now", ours, R"({"Reason": "the clinic waits"})"));
  EXPECT_EQ(job["state"], "ready");
  EXPECT_EQ(job["priority"], "stat");
  EXPECT_EQ(job["history"].front()["what"], "opened");
  EXPECT_EQ(job["history"].back()["event"], "operator_run_now");
  EXPECT_EQ(job["history"].back()["what"], "put first by a person");
  EXPECT_EQ(job["history"].back()["reason"], "the clinic waits");
  ASSERT_EQ(Act("/osteon/jobs/1/skip", ours).status, 200);
  EXPECT_EQ(Act("/osteon/jobs/1/run-now", ours).status, 409);
}

TEST_F(ActionsTest, CancellingALeasedJobTakesItBack) {
  ASSERT_TRUE(ledger.store->Settle(**ledger.store->FindStudyRow("s1"), "", std::nullopt));
  LeaseJob(id);
  EXPECT_EQ(Body(Act("/osteon/jobs/1/cancel", ours))["state"], "cancelled");
  EXPECT_EQ(revoked, std::vector<JobId>{id});
}

TEST_F(ActionsTest, CopiesThatFailedAreSentAgain) {
  ASSERT_TRUE(ledger.store->Open({"s2", "1.2.4", Priority::kRoutine, "t", "", {}}, clock.now_ms));
  LeaseJob(2);
  ASSERT_TRUE(ledger.store->BeginStoring({2, JobEvent::kResultReceived, "w", "", 1U, {}}, {},
                                         clock.now_ms));
  ASSERT_TRUE(
      ledger.store->Finish({2, JobEvent::kVerified, "w", "", 1U, {}}, {"PACS"}, clock.now_ms));
  const DeliveryRow waiting = ledger.store->DueDeliveries(clock.now_ms, kHourMs, 10)->at(0);
  const auto claimed = ledger.store->ClaimDelivery(waiting, clock.now_ms);
  ASSERT_TRUE(claimed.ok());
  ASSERT_TRUE(ledger.store->UpdateDelivery(*claimed, {2, "PACS", "failed", 5, 0, "refused"}));
  EXPECT_EQ(Body(Ask(HttpMethod::kGet, "/osteon/jobs/2"))["copies"][0]["reason"], "refused");
  EXPECT_EQ(Body(Ask(HttpMethod::kGet, "/osteon/status"))["copies_failed"], 1);
  EXPECT_EQ(Body(Act("/osteon/jobs/2/resend", ours))["resent"], 1);
  EXPECT_EQ(ledger.store->DueDeliveries(clock.now_ms, kHourMs, 10)->size(), 1U);
}

}  // namespace
}  // namespace osteon::plugin
