// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/web/routes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "orthanc-plugin/dispatch/copies.h"
#include "orthanc-plugin/web/metrics.h"
#include "pipelines/base/moment.h"
#include "tests/orthanc-plugin/fakes.h"

namespace osteon::plugin {
namespace {

class RoutesTest : public testing::Test {
 protected:
  RoutesTest() {
    archive.studies["s1"].uid = "1.2.3";
    JobStore::Touch touch;
    touch.study_ids = {"s1"};
    touch.now_ms = clock.now_ms;
    touch.reason = "instances came";
    EXPECT_TRUE(ledger.store->RecordChanges(touch));
    id = (*ledger.store->Latest("s1"))->id;
  }

  // Takes the job from collecting to leased; no other job may be ready.
  void LeaseJob(JobId job) {
    JobPatch patch;
    patch.inputs_hash = "inputs";
    ASSERT_TRUE(
        ledger.store->Apply({job, JobEvent::kGateOpened, "t", "", {}, patch}, clock.now_ms));
    const LeaseRequest request{"w", "p", "c", {Priority::kRoutine}, clock.now_ms, 1'000};
    ASSERT_TRUE((*ledger.store->Lease(request)).has_value());
  }

  HttpReply Ask(HttpMethod method, const std::string& path,
                std::map<std::string, std::string> query = {}) {
    return Answer(context, {method, path, std::move(query), {}, ""});
  }
  HttpReply Act(const std::string& path, std::map<std::string, std::string> headers,
                const std::string& body = "") {
    return Answer(context, {HttpMethod::kPost, path, {}, std::move(headers), body});
  }
  static nlohmann::json Body(const HttpReply& reply) { return nlohmann::json::parse(reply.body); }

  FakeClock clock;
  FakeArchive archive;
  TemporaryLedger ledger{clock.now_ms};
  SiteRules rules = DefaultRules();
  IntakeOptions intake;
  DispatchStatus dispatch;
  JobId id = 0;
  int woken = 0;
  std::vector<JobId> revoked;
  WebContext context{archive,
                     *ledger.store,
                     [this] { return std::make_shared<const SiteRules>(rules); },
                     intake,
                     DispatchMode::kAssist,
                     clock,
                     [this] { return dispatch; },
                     [] { return std::string(); },
                     [this] { ++woken; },
                     [] {},
                     [this](const Job& job, const std::string&) { revoked.push_back(job.id); },
                     [] {}};
  const std::map<std::string, std::string> ours = {{"x-osteon", "1"}};
};

TEST_F(RoutesTest, MethodsAndPaths) {
  struct Case {
    HttpMethod method;
    const char* path;
    int status;
  };
  const Case cases[] = {{HttpMethod::kGet, "/osteon", 302},
                        {HttpMethod::kGet, "/osteon/status", 200},
                        {HttpMethod::kPost, "/osteon/status", 405},
                        {HttpMethod::kOther, "/osteon/status", 405},
                        {HttpMethod::kGet, "/osteon/digest", 200},
                        {HttpMethod::kPost, "/osteon/digest", 405},
                        {HttpMethod::kGet, "/osteon/app.morning.js", 200},
                        {HttpMethod::kGet, "/osteon/jobs", 200},
                        {HttpMethod::kGet, "/osteon/jobs/1", 200},
                        {HttpMethod::kGet, "/osteon/jobs/2", 404},
                        {HttpMethod::kGet, "/osteon/jobs/x", 404},
                        {HttpMethod::kGet, "/osteon/jobs/1/retry", 405},
                        {HttpMethod::kGet, "/osteon/backfill", 405},
                        {HttpMethod::kGet, "/osteon/explain/1.2.3", 200},
                        {HttpMethod::kGet, "/osteon/explain/9.9", 404},
                        {HttpMethod::kGet, "/osteon/app", 200},
                        {HttpMethod::kGet, "/osteon/app/app.js", 200},
                        {HttpMethod::kGet, "/osteon/app.css", 200},
                        {HttpMethod::kGet, "/osteon/app/../../etc/passwd", 404},
                        {HttpMethod::kGet, "/osteon/nothing", 404},
                        {HttpMethod::kPost, "/osteon/nothing", 404},
                        {HttpMethod::kPost, "/osteon/jobs/1/skip", 403}};
  for (const Case& c : cases) {
    const HttpReply reply = Ask(c.method, c.path);
    EXPECT_EQ(reply.status, c.status) << c.path;
    EXPECT_EQ(reply.headers.at("X-Content-Type-Options"), "nosniff");
    if (c.status == 405) {
      EXPECT_FALSE(reply.headers.at("Allow").empty());
    }
  }
  EXPECT_NE(Ask(HttpMethod::kGet, "/osteon/app")
                .headers.at("Content-Security-Policy")
                .find("default-src 'self'"),
            std::string::npos);
}

TEST_F(RoutesTest, ADigestBeginsWhereItIsAskedTo) {
  ASSERT_EQ(Act("/osteon/jobs/1/skip", ours).status, 200);
  const auto digest = Body(Ask(HttpMethod::kGet, "/osteon/digest", {{"since", "12h"}}));
  EXPECT_EQ(digest["jobs"]["skipped"], 1);
  EXPECT_EQ(digest["skipped"][0]["reason"], "set aside by an operator");
  for (const char* wrong : {"soon", "2999-01-01"})
    EXPECT_EQ(Ask(HttpMethod::kGet, "/osteon/digest", {{"since", wrong}}).status, 400) << wrong;
}

TEST_F(RoutesTest, APauseIsShownUntilItIsTakenBack) {
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

TEST_F(RoutesTest, AMistypedStateIsNamed) {
  const HttpReply reply =
      Answer(context, {HttpMethod::kGet, "/osteon/jobs", {{"state", "stuk"}}, {}, ""});
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find("there is no state 'stuk'; did you mean 'stuck'?"), std::string::npos)
      << reply.body;
}

// An Orthanc with one modality.
class OneModality final : public Archive {
 public:
  Result<std::optional<std::string>> Get(const std::string& uri) override {
    return std::optional<std::string>(uri == "/modalities" ? R"(["PACS"])" : "{}");
  }
  Result<std::string> Post(const std::string&, std::string_view) override {
    return std::string("{}");
  }
  Status Delete(const std::string&) override { return {}; }
  Result<std::string> ParseDicom(std::string_view) override { return std::string("{}"); }
};

TEST_F(RoutesTest, ADestinationThatOrthancDoesNotKnowIsTrouble) {
  OneModality orthanc;
  EXPECT_EQ(UnknownDestinations(orthanc, {}), "");
  EXPECT_EQ(UnknownDestinations(orthanc, {"PACS"}), "");
  context.copies_trouble = [&] { return UnknownDestinations(orthanc, {"PACS", "PACKS"}); };
  const std::string status = Ask(HttpMethod::kGet, "/osteon/status").body;
  EXPECT_NE(status.find("names 'PACKS', which Orthanc does not know"), std::string::npos) << status;
}

TEST_F(RoutesTest, ARefusedActionIsSaidInWordsForPeople) {
  ASSERT_EQ(Answer(context, {HttpMethod::kPost, "/osteon/jobs/1/cancel", {}, ours, ""}).status,
            200);
  const HttpReply reply =
      Answer(context, {HttpMethod::kPost, "/osteon/jobs/1/cancel", {}, ours, ""});
  EXPECT_NE(reply.status, 200);
  EXPECT_NE(reply.body.find("is cancelled; being cancelled does not change that"),
            std::string::npos)
      << reply.body;
}

TEST_F(RoutesTest, OnlyOurOwnPageAndToolsMayAct) {
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

TEST_F(RoutesTest, AnActionIsInTheHistoryUnderTheOperatorsName) {
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

TEST_F(RoutesTest, CancellingALeasedJobTakesItBack) {
  ASSERT_TRUE(ledger.store->Settle(**ledger.store->FindStudyRow("s1"), "", std::nullopt));
  LeaseJob(id);
  EXPECT_EQ(Body(Act("/osteon/jobs/1/cancel", ours))["state"], "cancelled");
  EXPECT_EQ(revoked, std::vector<JobId>{id});
}

TEST_F(RoutesTest, CopiesThatFailedAreSentAgain) {
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

TEST_F(RoutesTest, WrongBodiesAndQueriesAreNamed) {
  EXPECT_EQ(Act("/osteon/jobs/1/skip", ours, "[").status, 400);
  EXPECT_EQ(Act("/osteon/jobs/1/skip", ours, R"({"Why":"x"})").status, 400);
  EXPECT_EQ(Act("/osteon/jobs/1/skip", ours, std::string(5'000, ' ')).status, 400);
  EXPECT_EQ(Act("/osteon/backfill", ours, R"({"From":"yesterday"})").status, 400);
  EXPECT_EQ(Act("/osteon/backfill", ours, R"({"Reanalyse":"yes"})").status, 400);
  EXPECT_EQ(Ask(HttpMethod::kGet, "/osteon/jobs", {{"limit", "0"}}).status, 400);
  EXPECT_EQ(Ask(HttpMethod::kGet, "/osteon/jobs", {{"before", "x"}}).status, 400);
  EXPECT_EQ(Ask(HttpMethod::kGet, "/osteon/jobs", {{"state", "Done"}}).status, 400);
}

TEST_F(RoutesTest, ListsAreFilteredAndPaged) {
  EXPECT_EQ(Body(Ask(HttpMethod::kGet, "/osteon/jobs"))["jobs"].size(), 1U);
  EXPECT_EQ(Body(Ask(HttpMethod::kGet, "/osteon/jobs", {{"state", "done"}}))["jobs"].size(), 0U);
  EXPECT_EQ(Body(Ask(HttpMethod::kGet, "/osteon/jobs", {{"before", "1"}}))["jobs"].size(), 0U);
  ASSERT_TRUE(ledger.store->Describe(id, "1.2.3", ""));
  for (const char* study : {"s1", "1.2.3"})
    EXPECT_EQ(Body(Ask(HttpMethod::kGet, "/osteon/jobs", {{"study", study}}))["jobs"].size(), 1U);
  EXPECT_EQ(Body(Ask(HttpMethod::kGet, "/osteon/jobs", {{"study", "1.2"}}))["jobs"].size(), 0U);
}

TEST_F(RoutesTest, AStudyThatWasNotEvaluableIsFoundAndCountedAsThat) {
  ASSERT_TRUE(ledger.store->Settle(**ledger.store->FindStudyRow("s1"), "", std::nullopt));
  LeaseJob(id);
  ASSERT_TRUE(ledger.store->BeginStoring({id, JobEvent::kResultReceived, "w", "", 1U, {}}, {},
                                         clock.now_ms));
  ASSERT_TRUE(ledger.store->Finish({id, JobEvent::kVerifiedNotEvaluable, "w", "no STIR", 1U, {}},
                                   {}, clock.now_ms));
  const auto listed = Body(Ask(HttpMethod::kGet, "/osteon/jobs", {{"state", "not_evaluable"}}));
  ASSERT_EQ(listed["jobs"].size(), 1U);
  EXPECT_EQ(listed["jobs"][0]["state"], "not_evaluable");
  EXPECT_EQ(listed["jobs"][0]["reason"], "no STIR");
  EXPECT_EQ(Body(Ask(HttpMethod::kGet, "/osteon/jobs", {{"state", "done"}}))["jobs"].size(), 0U);
  const auto counts = Body(Ask(HttpMethod::kGet, "/osteon/status"))["jobs"];
  EXPECT_EQ(counts["not_evaluable"], 1);
  EXPECT_EQ(counts["done"], 0);
  const auto metrics = Metrics(context);
  const auto metric = std::ranges::find(metrics, "osteon_jobs_not_evaluable", &Metric::name);
  ASSERT_NE(metric, metrics.end());
  EXPECT_EQ(metric->value, 1);
}

TEST_F(RoutesTest, TextThatIsNoUtf8StillMakesJson) {
  ASSERT_TRUE(ledger.store->Describe(id, "1.2.3", "broken \xff\xfe text <script>"));
  EXPECT_TRUE(nlohmann::json::accept(Ask(HttpMethod::kGet, "/osteon/jobs").body));
}

TEST_F(RoutesTest, MetricsCountJobsAndTellHealth) {
  const auto value = [&](const std::string& name) {
    for (const Metric& metric : Metrics(context))
      if (metric.name == name) return metric.value;
    return -1.0;
  };
  EXPECT_EQ(value("osteon_jobs_collecting"), 1);
  EXPECT_EQ(value("osteon_healthy"), 0);
  dispatch.listening = true;
  EXPECT_EQ(value("osteon_healthy"), 1);
  dispatch.trouble = "disk full";
  EXPECT_EQ(value("osteon_healthy"), 0);
}

}  // namespace
}  // namespace osteon::plugin
