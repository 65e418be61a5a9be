// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/web/routes.h"

#include <algorithm>

#include "orthanc-plugin/dispatch/copies.h"
#include "orthanc-plugin/web/metrics.h"
#include "tests/orthanc-plugin/web/routes_fixture.h"

namespace osteon::plugin {
namespace {

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
                        {HttpMethod::kGet, "/osteon/app/app.words.de.js", 200},
                        {HttpMethod::kGet, "/osteon/jobs/1/run-now", 405},
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
  EXPECT_EQ(Ask(HttpMethod::kGet, "/osteon").headers.at("Location"), "osteon/app/");
  EXPECT_EQ(Ask(HttpMethod::kGet, "/osteon/").headers.at("Location"), "app/");
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

TEST_F(RoutesTest, ATroubleOfAWorkerIsThePluginsTrouble) {
  WorkerView worker;
  worker.name = "ward-1";
  worker.trouble = "its settings cannot be used";
  worker.clock_ahead_ms = -90'000;
  dispatch.workers = {worker};
  const auto status = Body(Ask(HttpMethod::kGet, "/osteon/status"));
  EXPECT_EQ(status["trouble"][0], "worker 'ward-1': its settings cannot be used");
  EXPECT_EQ(status["workers"][0]["trouble"], "its settings cannot be used");
  EXPECT_EQ(status["workers"][0]["clock_ahead_ms"], -90'000);
  const auto metrics = Metrics(context);
  EXPECT_EQ(std::ranges::find(metrics, "osteon_troubles", &Metric::name)->value, 1);
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
  ASSERT_TRUE(ledger.store->Describe(id, "1.2.3", "", ""));
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
  ASSERT_TRUE(ledger.store->Describe(id, "1.2.3", "broken \xff\xfe text <script>", ""));
  EXPECT_TRUE(nlohmann::json::accept(Ask(HttpMethod::kGet, "/osteon/jobs").body));
}

TEST_F(RoutesTest, MetricsCountJobsAndTellHealth) {
  const auto value = [&](const std::string& name) {
    for (const Metric& metric : Metrics(context))
      if (metric.name == name) return metric.value;
    return -1.0;
  };
  EXPECT_EQ(value("osteon_jobs_collecting"), 1);
  EXPECT_EQ(value("osteon_waiting_routine"), 0);
  JobPatch patch;
  patch.inputs_hash = "inputs";
  ASSERT_TRUE(ledger.store->Apply({id, JobEvent::kGateOpened, "t", "", {}, patch}, clock.now_ms));
  EXPECT_EQ(value("osteon_waiting_routine"), 1);
  EXPECT_EQ(value("osteon_waiting_stat"), 0);
  dispatch.jobs.stage_ms = {{"detect", 2'500}};
  EXPECT_EQ(value("osteon_stage_detect_seconds_total"), 2.5);
  dispatch.jobs.retries = 3;
  EXPECT_EQ(value("osteon_retries_total"), 3);
  dispatch.router.sent_bytes = 7;
  EXPECT_EQ(value("osteon_sent_bytes_total"), 7);
  EXPECT_EQ(value("osteon_healthy"), 0);
  dispatch.listening = true;
  EXPECT_EQ(value("osteon_healthy"), 1);
  dispatch.trouble = "disk full";
  EXPECT_EQ(value("osteon_healthy"), 0);
}

}  // namespace
}  // namespace osteon::plugin
