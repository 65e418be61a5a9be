// SPDX-License-Identifier: GPL-3.0-or-later
// Several senders on one outbox, and a node that commits late. Sending itself is tested in a real
// Orthanc (tests/orthanc-plugin/live).
#include "orthanc-plugin/dispatch/forwarder.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "tests/orthanc-plugin/fakes.h"

namespace osteon::plugin {
namespace {

TEST(SenderWatch, ACopyIsAbandonedWhenItsNumberStandsStill) {
  SenderWatch watch;
  DeliveryRow row{1, "PACS", "sending", 0, 100, ""};
  EXPECT_FALSE(watch.IsAbandoned(row, 0));
  EXPECT_FALSE(watch.IsAbandoned(row, kAbandonedMs - 1));
  row.not_before_ms = 50;  // Written by another host, whose clock is behind.
  EXPECT_FALSE(watch.IsAbandoned(row, kAbandonedMs));
  watch.Keep({row});
  EXPECT_FALSE(watch.IsAbandoned(row, 2 * kAbandonedMs - 1));
  EXPECT_TRUE(watch.IsAbandoned(row, 2 * kAbandonedMs));
  row.state = "waiting";  // Another Orthanc changed it.
  watch.Keep({row});
  row.state = "sending";
  EXPECT_FALSE(watch.IsAbandoned(row, 3 * kAbandonedMs));
}

// A job that is done, with a report or with nothing to send.
enum class Holds { kReport, kNothing };
JobId MakeDone(JobStore& store, const std::string& study, Holds holds = Holds::kNothing,
               const std::string& destination = "PACS") {
  std::vector<ResultRow> rows;
  if (holds == Holds::kReport)
    rows.push_back({"1.2.3." + study, "1.2.840.10008.5.1.4.1.1.88.34", "0"});
  JobStore::Touch touch;
  touch.study_ids = {study};
  EXPECT_TRUE(store.RecordChanges(touch));
  const JobId id = (*store.Latest(study))->id;
  JobPatch patch;
  patch.inputs_hash = study;
  EXPECT_TRUE(store.Apply({id, JobEvent::kGateOpened, "t", "", {}, patch}, 0));
  EXPECT_TRUE(store.Settle(**store.FindStudyRow(study), "", std::nullopt));
  EXPECT_TRUE((*store.Lease({"w", "p", "c", {Priority::kRoutine}, 0, 1'000})).has_value());
  EXPECT_TRUE(store.BeginStoring({id, JobEvent::kResultReceived, "w", "", 1U, {}}, rows, 0));
  EXPECT_TRUE(store.Finish({id, JobEvent::kVerified, "w", "", 1U, {}}, {destination}, 0));
  return id;
}

bool Soon(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

// An Orthanc whose C-STORE always succeeds, and a node that commits when the test says so. A
// transaction is named by its number.
class CommittingNode final : public Archive {
 public:
  std::atomic<int> orders = 0;
  std::atomic<int> committed_up_to = 0;  // Transactions are numbered from 1.

  Result<std::optional<std::string>> Get(const std::string& uri) override {
    if (uri.ends_with("/study"))  // An instance "1.2.3.x" is of the study x.
      return std::optional(R"({"ID":")" + uri.substr(17, uri.size() - 17 - 6) + "\"}");
    const std::string number = uri.substr(uri.rfind('/') + 1);
    if (uri.starts_with("/jobs/"))
      return std::optional(R"({"State":"Success","Content":{"FailedInstancesCount":0,)"
                           R"("StorageCommitmentTransactionUID":")" +
                           number + "\"}}");
    return std::optional<std::string>(std::stoi(number) <= committed_up_to
                                          ? R"({"Status":"Success"})"
                                          : R"({"Status":"Pending"})");
  }
  Result<std::string> Post(const std::string& uri, std::string_view body) override {
    if (uri == "/tools/lookup") return R"([{"Type":"Instance","ID":")" + std::string(body) + "\"}]";
    return R"({"ID":")" + std::to_string(++orders) + "\"}";
  }
  Status Delete(const std::string&) override { return {}; }
  Result<std::string> ParseDicom(std::string_view) override { return std::string(); }
};

TEST(Forwarder, OtherCopiesGoOnWhileANodeHasNotCommitted) {
  CommittingNode node;
  TemporaryLedger ledger(0);
  JobStore& store = *ledger.store;
  SystemClock clock;
  ForwardOptions options;
  options.retry.max_ms = INT64_C(1) << 60;  // Rows of 1970 are due.
  const JobId first = MakeDone(store, "a", Holds::kReport),
              second = MakeDone(store, "b", Holds::kReport);
  const auto state = [&](JobId job) { return store.Deliveries(job)->at(0).state; };
  {
    Forwarder forwarder(node, store, clock, options);
    ASSERT_TRUE(Soon([&] { return node.orders == 2; })) << "the second is not held up";
    EXPECT_EQ(state(first), "sending");
    node.committed_up_to = 1;
    EXPECT_TRUE(Soon([&] { return state(first) == "sent"; }));
    EXPECT_EQ(state(second), "sending");
    EXPECT_TRUE(Soon(
        [&] { return store.Deliveries(second)->at(0).reason == "stored, not committed yet"; }));
  }
  EXPECT_EQ(state(second), "waiting")
      << "a stopped Orthanc forgets its requests, so the copy is sent again";
  EXPECT_EQ(store.Deliveries(second)->at(0).attempts, 0);
}

TEST(Forwarder, ANodeThatNeverCommitsDoesNotTakeTheRoomOfAnother) {
  CommittingNode node;
  TemporaryLedger ledger(0);
  JobStore& store = *ledger.store;
  SystemClock clock;
  ForwardOptions options;
  options.destinations = {"NEVER", "PACS"};
  options.retry.max_ms = INT64_C(1) << 60;  // Rows of 1970 are due.
  for (int n = 0; n < 60; ++n) MakeDone(store, fmt::format("never-{}", n), Holds::kReport, "NEVER");
  const JobId other = MakeDone(store, "other", Holds::kReport);
  Forwarder forwarder(node, store, clock, options);
  EXPECT_TRUE(Soon([&] { return store.Deliveries(other)->at(0).state == "sending"; }));
  EXPECT_LE(node.orders, 26) << "25 of the one, one of the other";
}

TEST(Forwarder, SendsAgainWhatANodeDoesNotCommitInTime) {
  CommittingNode node;
  TemporaryLedger ledger(0);
  JobStore& store = *ledger.store;
  SystemClock clock;
  ForwardOptions options;
  options.retry = {.max_failures = 2, .base_ms = 1, .max_ms = INT64_C(1) << 60};
  options.commitment_timeout_ms = 1;
  const JobId job = MakeDone(store, "a", Holds::kReport);
  Forwarder forwarder(node, store, clock, options);
  ASSERT_TRUE(Soon([&] { return store.Deliveries(job)->at(0).state == "failed"; }));
  EXPECT_EQ(node.orders, 2);
  EXPECT_EQ(store.Deliveries(job)->at(0).reason, "storage commitment: no answer within 0 s");
}

TEST(Forwarder, LeavesACopyAloneThatAnotherOneSends) {
  FakeArchive archive;
  TemporaryLedger ledger(0);
  JobStore& store = *ledger.store;
  const JobId others = MakeDone(store, "a");
  ASSERT_TRUE(store.ClaimDelivery(store.Deliveries(others)->at(0), 0));
  const JobId ours = MakeDone(store, "b");
  SystemClock clock;
  ForwardOptions options;
  options.retry.max_ms = INT64_C(1) << 60;  // Rows of 1970 are due.
  {
    Forwarder forwarder(archive, store, clock, options);
    EXPECT_TRUE(Soon([&] { return store.Deliveries(ours)->at(0).state == "sent"; }));
  }
  EXPECT_EQ(store.Deliveries(others)->at(0).state, "sending");
}

}  // namespace
}  // namespace osteon::plugin
