// SPDX-License-Identifier: GPL-3.0-or-later
// Several Orthancs on one ledger, and a server that restarts.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "tests/orthanc-plugin/ledger/ledger_fixture.h"

namespace osteon::plugin {
namespace {

constexpr std::size_t kOrthancs = 4;

class PostgresLedger : public LedgerFixture {
 protected:
  PostgresLedger() : LedgerFixture(Database::kPostgres) {}

  // One store for each Orthanc, opened at once.
  std::vector<std::unique_ptr<JobStore>> OpenMany() {
    std::vector<std::unique_ptr<JobStore>> stores(kOrthancs);
    AtOnce([&](std::size_t i) {
      auto opened = OpenOne();
      ASSERT_TRUE(opened.ok()) << opened.error().message();
      stores[i] = *std::move(opened);
    });
    return stores;
  }
  template <typename Work>
  static void AtOnce(Work work) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kOrthancs; ++i) threads.emplace_back([&work, i] { work(i); });
    for (auto& thread : threads) thread.join();
  }
};

TEST_F(PostgresLedger, IsMadeOnceWhenSeveralStartAtOnce) {
  Close();
  ASSERT_TRUE(RunPostgres("DROP SCHEMA osteon_ledger CASCADE"));
  const auto stores = OpenMany();
  for (const auto& one : stores) EXPECT_EQ(*one->BornMs(), clock.now_ms);
}

TEST_F(PostgresLedger, SeveralOrthancsNeverGetTheSameJob) {
  constexpr int kJobs = 40;
  for (int i = 0; i < kJobs; ++i) MakeReady(fmt::format("study {}", i));
  const auto stores = OpenMany();
  std::vector<std::vector<JobId>> got(kOrthancs);
  AtOnce([&](std::size_t i) {
    while (const auto job = LeaseFrom(*stores[i])) got[i].push_back(job->id);
  });
  std::multiset<JobId> all;
  for (const auto& mine : got) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), std::size_t{kJobs});
  EXPECT_EQ(std::set<JobId>(all.begin(), all.end()).size(), std::size_t{kJobs});
}

TEST_F(PostgresLedger, AStudyThatSeveralOrthancsSeeHasOneJob) {
  const auto stores = OpenMany();
  for (int round = 0; round < 10; ++round) {
    const std::string tag = std::to_string(round);
    AtOnce([&](std::size_t i) {
      // Each store takes them in another order.
      const Status recorded = stores[i]->RecordChanges(TouchOf(
          i % 2 == 0 ? std::vector{"a" + tag, "b" + tag} : std::vector{"b" + tag, "a" + tag}));
      EXPECT_TRUE(recorded) << recorded.error().message();
    });
  }
  EXPECT_EQ(store().List({})->size(), 20U);
}

TEST_F(PostgresLedger, ChangesAreRecordedByOneOrthanc) {
  const auto stores = OpenMany();
  std::atomic<int> recorded = 0;
  AtOnce([&](std::size_t i) {
    auto touch = TouchOf({"a"});
    touch.cursor = CursorStep{-1, {5, "d"}};
    const Status status = stores[i]->RecordChanges(touch);
    recorded += status ? 1 : 0;
    EXPECT_TRUE(status || status.error().code() == ErrorCode::kCancelled);
  });
  EXPECT_EQ(recorded, 1);
  EXPECT_EQ(*store().Cursor(), 5);
}

TEST_F(PostgresLedger, OneOfSeveralOrthancsEndsALease) {
  MakeReady("a");
  const Job job = *LeaseOne();
  const auto stores = OpenMany();
  std::atomic<int> ended = 0;
  AtOnce([&](std::size_t i) {
    Transition end{job.id, JobEvent::kFailedForNow, "dispatch", "silent", job.attempt, {}};
    end.lease_until_ms = job.lease_until_ms;
    const auto applied = stores[i]->Apply(end, clock.now_ms);
    ended += applied ? 1 : 0;
    EXPECT_TRUE(applied || applied.error().code() == ErrorCode::kCancelled);
  });
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(store().History(job.id)->back().to, "retry_wait");
}

TEST_F(PostgresLedger, RetriesAreWokenOnce) {
  for (int i = 0; i < 10; ++i) {
    MakeReady(fmt::format("study {}", i));
    const Job job = *LeaseOne();
    ASSERT_TRUE(store().Apply({job.id, JobEvent::kFailedForNow, "w", "", 1U, {}}, clock.now_ms));
  }
  const auto stores = OpenMany();
  AtOnce([&](std::size_t i) { EXPECT_TRUE(stores[i]->WakeRetries(clock.now_ms, kHourMs)); });
  const auto jobs = store().List({});
  for (const Job& job : *jobs) {
    EXPECT_EQ(job.state, JobState::kReady);
    EXPECT_EQ(store().History(job.id)->size(), 5U);
  }
}

TEST_F(PostgresLedger, AServerThatIsAwayIsUnavailableAndComesBack) {
  const Job job = MakeReady("a");
  Server().Stop();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) {
    const auto found = store().Find(job.id);
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().code(), ErrorCode::kUnavailable);
  }
  EXPECT_FALSE(store().Apply({job.id, JobEvent::kCancel, "t", "", {}, {}}, clock.now_ms));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_FALSE(OpenOne().ok());
  Server().Start();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!store().Find(job.id) && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ((*store().Find(job.id))->state, JobState::kReady);
}

TEST_F(PostgresLedger, ARestartOfTheServerBetweenTwoCallsIsNotNoticed) {
  const Job job = MakeReady("a");
  Server().Stop();
  Server().Start();
  EXPECT_TRUE(store().Apply({job.id, JobEvent::kCancel, "t", "", {}, {}}, clock.now_ms));
}

TEST_F(PostgresLedger, NoErrorTellsThePassword) {
  const std::string secret = "s3cret";
  for (const std::string& settings :
       {"host=/nonexistent user=osteon password=" + secret, "host=x password= " + secret,
        fmt::format("postgresql://osteon:pass@{}@localhost:1/orthanc", secret),
        fmt::format("postgresql://osteon:{0}@localhost:{0}/orthanc", secret), secret}) {
    const auto opened = OpenPostgresJobStore(settings, clock.now_ms);
    ASSERT_FALSE(opened.ok()) << settings;
    EXPECT_EQ(opened.error().message().find(secret), std::string::npos) << opened.error().message();
  }
}

}  // namespace
}  // namespace osteon::plugin
