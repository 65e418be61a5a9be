// SPDX-License-Identifier: GPL-3.0-or-later
// What several senders on one outbox do about each other. Sending itself is tested in a real
// Orthanc (tests/orthanc-plugin/live).
#include "orthanc-plugin/dispatch/forwarder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/orthanc-plugin/fakes.h"

namespace osteon::plugin {
namespace {

TEST(SenderWatch, ACopyIsAbandonedWhenItsNumberStandsStill) {
  SenderWatch watch;
  DeliveryRow row{1, "PACS", "sending", 0, 100, ""};
  EXPECT_FALSE(watch.IsAbandoned(row, 0));
  EXPECT_FALSE(watch.IsAbandoned(row, kAbandonedMs - 1));
  row.not_before_ms = 50;  // Of another host's clock, which is behind.
  EXPECT_FALSE(watch.IsAbandoned(row, kAbandonedMs));
  watch.Keep({row});
  EXPECT_FALSE(watch.IsAbandoned(row, 2 * kAbandonedMs - 1));
  EXPECT_TRUE(watch.IsAbandoned(row, 2 * kAbandonedMs));
  row.state = "waiting";  // Somebody was quicker.
  watch.Keep({row});
  row.state = "sending";
  EXPECT_FALSE(watch.IsAbandoned(row, 3 * kAbandonedMs));
}

// Done, without objects, so that nothing has to be sent.
JobId MakeDone(JobStore& store, const std::string& study) {
  JobStore::Touch touch;
  touch.study_ids = {study};
  EXPECT_TRUE(store.RecordChanges(touch));
  const JobId id = (*store.Latest(study))->id;
  JobPatch patch;
  patch.inputs_hash = study;
  EXPECT_TRUE(store.Apply({id, JobEvent::kGateOpened, "t", "", {}, patch}, 0));
  EXPECT_TRUE(store.Settle(**store.FindStudyRow(study), "", std::nullopt));
  EXPECT_TRUE((*store.Lease({"w", "p", "c", {Priority::kRoutine}, 0, 1'000})).has_value());
  EXPECT_TRUE(store.BeginStoring({id, JobEvent::kResultReceived, "w", "", 1U, {}}, {}, 0));
  EXPECT_TRUE(store.Finish({id, JobEvent::kVerified, "w", "", 1U, {}}, {"PACS"}, 0));
  return id;
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
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (store.Deliveries(ours)->at(0).state != "sent" && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(store.Deliveries(ours)->at(0).state, "sent");
  EXPECT_EQ(store.Deliveries(others)->at(0).state, "sending");
}

}  // namespace
}  // namespace osteon::plugin
