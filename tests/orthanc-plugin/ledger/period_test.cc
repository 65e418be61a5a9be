// SPDX-License-Identifier: GPL-3.0-or-later
// The ledger's rows of a period, pauses and drains, and which digests were sent.
#include <gtest/gtest.h>

#include <map>

#include "tests/orthanc-plugin/ledger/ledger_fixture.h"

namespace osteon::plugin {
namespace {

constexpr UnixMs kMinuteMs = 60'000;

class PeriodTest : public LedgerFixture, public testing::WithParamInterface<Database> {
 protected:
  PeriodTest() : LedgerFixture(GetParam()) {}

  // A job of a new study that a worker has had for a minute.
  Job Lease(const std::string& study, const std::string& worker = "w") {
    MakeReady(study);
    Job job = *LeaseFrom(store(), worker);
    clock.Pass(kMinuteMs);
    return job;
  }
  void Change(JobId job, JobEvent event, const std::string& reason = "test") {
    const auto changed =
        store().Apply({job, event, "test", reason, std::nullopt, {}}, clock.now_ms);
    ASSERT_TRUE(changed.ok()) << changed.error().message();
  }
  void Report(const Job& job, JobEvent event) {
    Change(job.id, JobEvent::kResultReceived);
    Change(job.id, event);
  }
  // How many rows of `rows` are in each state and came into it within the period.
  static std::map<JobState, int> CameInto(const PeriodRows& rows, const Period& period) {
    std::map<JobState, int> counts;
    for (const Job& job : rows.jobs)
      if (job.updated_ms >= period.since_ms && job.updated_ms < period.until_ms)
        ++counts[job.state];
    return counts;
  }
};
INSTANTIATE_TEST_SUITE_P(Sqlite, PeriodTest, testing::Values(Database::kSqlite));
INSTANTIATE_TEST_SUITE_P(Postgres, PeriodTest, testing::Values(Database::kPostgres));

TEST_P(PeriodTest, EachJobCountsOnceInTheStateItIsIn) {
  Report(Lease("done before"), JobEvent::kVerified);
  const Job stuck_before = Lease("stuck before");
  Change(stuck_before.id, JobEvent::kFailedForGood);
  clock.Pass(kMinuteMs);
  const UnixMs since_ms = clock.now_ms;
  Report(Lease("done"), JobEvent::kVerified);
  Report(Lease("no answer"), JobEvent::kVerifiedNotEvaluable);
  const Job twice = Lease("twice", "w1");
  Change(twice.id, JobEvent::kFailedForNow);
  ASSERT_TRUE(store().WakeRetries(clock.now_ms, 1'000'000));
  const Job again = *LeaseFrom(store(), "w2");
  clock.Pass(3 * kMinuteMs);
  Report(again, JobEvent::kVerified);
  Change(Lease("stuck").id, JobEvent::kFailedForGood);
  Change(MakeReady("skipped").id, JobEvent::kOperatorSkip);
  Lease("with a worker");
  MakeReady("ready");
  const Period period{since_ms, clock.now_ms + 1};
  const auto rows = store().RowsOf(period);
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  const std::map<JobState, int> expected = {{JobState::kDone, 2},   {JobState::kNotEvaluable, 1},
                                            {JobState::kStuck, 1},  {JobState::kSkipped, 1},
                                            {JobState::kLeased, 1}, {JobState::kReady, 1}};
  EXPECT_EQ(CameInto(*rows, period), expected);
  // A job that became stuck before the period is listed, one that was done before it is not.
  EXPECT_EQ(rows->jobs.size(), 8U);
  EXPECT_EQ(rows->jobs.front().id, stuck_before.id);
  // The ledger's own counts are those of both together.
  const auto counts = store().Counts();
  for (const auto& [state, count] : counts->by_state) {
    const bool one_more = state == JobState::kDone || state == JobState::kStuck;
    const auto found = expected.find(state);
    EXPECT_EQ(count, (found == expected.end() ? 0 : found->second) + (one_more ? 1 : 0))
        << Name(state);
  }
  ASSERT_EQ(rows->ended.size(), 5U);
  const EndedAttempt& first = rows->ended[2];
  const EndedAttempt& second = rows->ended[3];
  EXPECT_EQ(first.job, twice.id);
  EXPECT_EQ(first.worker, "w1");
  EXPECT_EQ(first.to, JobState::kRetryWait);
  EXPECT_EQ(first.ended_ms - first.leased_ms, kMinuteMs);
  EXPECT_EQ(second.job, twice.id);
  EXPECT_EQ(second.worker, "w2");
  EXPECT_EQ(second.to, JobState::kDone);
  EXPECT_EQ(second.ended_ms - second.leased_ms, 3 * kMinuteMs);
  EXPECT_EQ(rows->took_ms, (std::vector<UnixMs>{3 * kMinuteMs, kMinuteMs, kMinuteMs, kMinuteMs}))
      << "reports only, the newest first, of before the period, too";
  EXPECT_EQ(rows->born_ms, *store().BornMs());
}

TEST_P(PeriodTest, AnEmptyLedgerHasNothingToTell) {
  const auto rows = store().RowsOf({0, clock.now_ms + 1});
  ASSERT_TRUE(rows.ok());
  EXPECT_TRUE(rows->jobs.empty());
  EXPECT_TRUE(rows->ended.empty());
  EXPECT_TRUE(rows->took_ms.empty());
  EXPECT_EQ(rows->hold.kind, HoldKind::kNone);
}

TEST_P(PeriodTest, CopiesThatFailedAreNamedTheNewestJobFirst) {
  const auto fail = [&](const std::string& destination) {
    const auto all = store().DueDeliveries(clock.now_ms, kHourMs, 100);
    for (const DeliveryRow& due : *all) {
      if (due.destination != destination) continue;
      const auto claimed = store().ClaimDelivery(due, clock.now_ms);
      ASSERT_TRUE(claimed.ok());
      DeliveryRow failed = *claimed;
      failed.state = "failed";
      ASSERT_TRUE(store().UpdateDelivery(*claimed, failed));
    }
  };
  const auto finish = [&](const std::string& study) {
    const Job job = Lease(study);
    Change(job.id, JobEvent::kResultReceived);
    EXPECT_TRUE(store().Finish({job.id, JobEvent::kVerified, "w", "", job.attempt, {}},
                               {"PACS", "ARCHIVE", "GOOD"}, clock.now_ms));
    return job.id;
  };
  const JobId first = finish("a"), second = finish("b");
  fail("PACS");
  fail("ARCHIVE");
  auto rows = store().RowsOf({0, clock.now_ms + 1});
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  EXPECT_EQ(rows->copies_failed, 4);
  std::vector<std::pair<JobId, std::string>> listed;
  for (const DeliveryRow& copy : rows->failed_copies)
    listed.emplace_back(copy.job, copy.destination);
  EXPECT_EQ(listed,
            (std::vector<std::pair<JobId, std::string>>{
                {second, "ARCHIVE"}, {second, "PACS"}, {first, "ARCHIVE"}, {first, "PACS"}}));
  // Of many the newest.
  for (int i = 0; i < 30; ++i) finish("more" + std::to_string(i));
  fail("PACS");
  fail("ARCHIVE");
  rows = store().RowsOf({0, clock.now_ms + 1});
  EXPECT_EQ(rows->copies_failed, 64);
  EXPECT_EQ(rows->failed_copies.size(), 50U);
  EXPECT_GT(rows->failed_copies.back().job, second);
}

TEST_P(PeriodTest, APauseHoldsAcrossRestartsUntilItIsTakenBack) {
  MakeReady("a");
  ASSERT_TRUE(store().SetHold({HoldKind::kPause, clock.now_ms, "operator ann", "the\nmove"}));
  EXPECT_FALSE(LeaseOne());
  Reopen();
  const auto hold = store().GetHold();
  ASSERT_TRUE(hold.ok());
  EXPECT_EQ(hold->kind, HoldKind::kPause);
  EXPECT_EQ(hold->since_ms, clock.now_ms);
  EXPECT_EQ(hold->actor, "operator ann");
  EXPECT_EQ(hold->reason, "the move");
  EXPECT_FALSE(LeaseOne());
  ASSERT_TRUE(store().SetHold({}));
  EXPECT_EQ(store().GetHold()->kind, HoldKind::kNone);
  EXPECT_TRUE(LeaseOne());
}

TEST_P(PeriodTest, ADrainHandsOutWhatWasThereAndNothingThatComesLater) {
  MakeReady("before");
  ASSERT_TRUE(store().SetHold({HoldKind::kDrain, clock.now_ms, "operator", ""}));
  clock.Pass(1);
  MakeReady("after");
  Reopen();
  const auto leased = LeaseOne();
  ASSERT_TRUE(leased);
  EXPECT_EQ(leased->study_id, "before");
  EXPECT_FALSE(LeaseOne());
  ASSERT_TRUE(store().SetHold({}));
  EXPECT_EQ(LeaseOne()->study_id, "after");
}

TEST_P(PeriodTest, ADigestIsSentByOneOnceADay) {
  constexpr UnixMs kLongestMs = 10 * kMinuteMs;
  const auto claim = [&](const std::string& day, const std::string& way) {
    auto claimed = store().ClaimSending(day, way, clock.now_ms, clock.now_ms + 1'000, kLongestMs);
    EXPECT_TRUE(claimed.ok());
    return *claimed;
  };
  const auto first = claim("2026-11-29", "mail");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->attempts, 1);
  EXPECT_FALSE(claim("2026-11-29", "mail")) << "it is being sent";
  EXPECT_TRUE(claim("2026-11-29", "webhook")) << "another way";
  DigestSending failed = *first;
  failed.state = "waiting";
  failed.not_before_ms = clock.now_ms + kMinuteMs;
  failed.reason = "nobody answers";
  ASSERT_TRUE(store().UpdateSending(*first, failed));
  Reopen();
  EXPECT_FALSE(claim("2026-11-29", "mail")) << "the time of the next try has not come";
  EXPECT_EQ(store().Sendings(10)->front().reason, "nobody answers");
  clock.Pass(kMinuteMs);
  const auto second = claim("2026-11-29", "mail");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->attempts, 2);
  EXPECT_EQ(store().UpdateSending(*first, failed).error().code(), ErrorCode::kCancelled);
  clock.Pass(1'000);
  const auto third = claim("2026-11-29", "mail");
  ASSERT_TRUE(third) << "the second claim has expired";
  DigestSending sent = *third;
  sent.state = "sent";
  sent.until_ms = clock.now_ms;
  ASSERT_TRUE(store().UpdateSending(*third, sent));
  Reopen();
  clock.Pass(kHourMs);
  EXPECT_FALSE(claim("2026-11-29", "mail"));
  EXPECT_TRUE(claim("2026-11-30", "mail"));
  const auto sendings = store().Sendings(1);
  ASSERT_EQ(sendings->size(), 1U);
  EXPECT_EQ(sendings->front().day, "2026-11-30");
}

TEST_P(PeriodTest, OneSelftestRunsAtATime) {
  const SelftestRun run{"2.25.1", clock.now_ms, 0, "operator alice\nand bob"};
  EXPECT_EQ(*store().RunningSelftest(), SelftestRun());
  ASSERT_TRUE(store().ReplaceSelftest({}, run));
  EXPECT_EQ(store().ReplaceSelftest({}, {"2.25.2", clock.now_ms, 0, "carol"}).error().code(),
            ErrorCode::kCancelled);
  Reopen();
  const auto seen = store().RunningSelftest();
  EXPECT_EQ(*seen, (SelftestRun{"2.25.1", clock.now_ms, 0, "operator alice and bob"}));
  SelftestRun next = *seen;
  ++next.beat;
  ASSERT_TRUE(store().ReplaceSelftest(*seen, next));
  EXPECT_FALSE(store().ReplaceSelftest(*seen, {}).ok()) << "its Orthanc went on";
  ASSERT_TRUE(store().ReplaceSelftest(next, {}));
  EXPECT_EQ(*store().RunningSelftest(), SelftestRun());
  EXPECT_TRUE(store().ReplaceSelftest({}, run));
}

TEST_P(PeriodTest, AClaimFromBeforeTheClockWasSetBackCountsForNothing) {
  ASSERT_TRUE(*store().ClaimSending("2026-11-29", "mail", clock.now_ms, clock.now_ms + kHourMs,
                                    2 * kHourMs));
  EXPECT_FALSE(*store().ClaimSending("2026-11-29", "mail", clock.now_ms, clock.now_ms + kHourMs,
                                     2 * kHourMs));
  EXPECT_TRUE(*store().ClaimSending("2026-11-29", "mail", clock.now_ms - 9 * kHourMs,
                                    clock.now_ms - 8 * kHourMs, 2 * kHourMs));
}

}  // namespace
}  // namespace osteon::plugin
