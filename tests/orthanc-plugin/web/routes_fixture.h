// SPDX-License-Identifier: GPL-3.0-or-later
// The routes over a ledger with one job, whose study is s1, 1.2.3.
#pragma once

#include <gtest/gtest.h>

#include "orthanc-plugin/web/routes.h"
#include "tests/orthanc-plugin/fakes.h"

namespace osteon::plugin {

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

}  // namespace osteon::plugin
