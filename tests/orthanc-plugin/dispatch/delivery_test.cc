// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/delivery.h"

#include <gtest/gtest.h>

#include "orthanc-plugin/archive/own_objects.h"
#include "pipelines/base/digest.h"
#include "tests/orthanc-plugin/fakes.h"

namespace osteon::plugin {
namespace {

constexpr const char* kSr = "1.2.840.10008.5.1.4.1.1.88.34";

// The fake Orthanc parses a document as the JSON it is.
ReceivedDocument DocumentOf(const std::string& uid, const nlohmann::json& changes = {}) {
  nlohmann::json tags = {
      {"0008,0016", kSr}, {"0008,0018", uid}, {"0020,000d", "1.2.3.s1"}, {"0010,0020", "P1"}};
  if (changes.is_object()) tags.update(changes);
  ReceivedDocument document;
  document.bytes = tags.dump();
  document.announced = {"sr.dcm", kSr, uid, document.bytes.size(), Sha256Hex(document.bytes)};
  return document;
}

class DeliveryTest : public testing::Test {
 protected:
  DeliveryTest() {
    archive.studies["s1"].uid = "1.2.3.s1";
    archive.studies["s1"].series.push_back(
        {.uid = "stir", .header = {}, .sop_uids = {"1.0"}, .metadata = {}});
    JobStore::Touch touch;
    touch.study_ids = {"s1"};
    EXPECT_TRUE(ledger.store->RecordChanges(touch));
    JobPatch patch;
    patch.inputs_hash = "inputs";
    const JobId id = (*ledger.store->Latest("s1"))->id;
    EXPECT_TRUE(ledger.store->Apply({id, JobEvent::kGateOpened, "t", "", {}, patch}, clock.now_ms));
    EXPECT_TRUE(ledger.store->Settle(**ledger.store->FindStudyRow("s1"), "", std::nullopt));
    BeginStoring("pipeline", "1.1");
  }

  // The next attempt has an object of that UID.
  void BeginStoring(const char* pipeline, const char* uid) {
    job =
        **ledger.store->Lease({"w", pipeline, "config", {Priority::kRoutine}, clock.now_ms, 1'000});
    const auto storing =
        ledger.store->BeginStoring({job.id, JobEvent::kResultReceived, "w", "", job.attempt, {}},
                                   {{uid, kSr, ""}}, clock.now_ms);
    ASSERT_TRUE(storing.ok());
    job = *storing;
  }

  FakeClock clock;
  FakeArchive archive;
  TemporaryLedger ledger{clock.now_ms};
  Job job;
  const ResultOwner owner{"s1", "1.2.3.s1", "P1"};
};

TEST_F(DeliveryTest, WhoADocumentBelongsToIsChecked) {
  struct Case {
    const char* tag;
    const char* value;
    const char* message;
  };
  const Case cases[] = {{"0020,000d", "1.2.3.other", "another study"},
                        {"0010,0020", "P2", "another patient"},
                        {"0008,0018", "9.9", "SOP Instance UID"},
                        {"0008,0016", "1.2.840.10008.5.1.4.1.1.4", "SOP class is another"}};
  EXPECT_TRUE(CheckDocuments(archive, {DocumentOf("1.1")}, owner));
  EXPECT_TRUE(CheckDocuments(archive, {DocumentOf("1.1", {{"0010,0020", "P1 "}})}, owner))
      << "padded";
  for (const Case& c : cases) {
    const Status status =
        CheckDocuments(archive, {DocumentOf("1.1"), DocumentOf("1.2", {{c.tag, c.value}})}, owner);
    ASSERT_FALSE(status.ok()) << c.message;
    EXPECT_EQ(status.error().code(), ErrorCode::kInvalidInput);
    EXPECT_NE(status.error().message().find(c.message), std::string::npos)
        << status.error().message();
  }
}

TEST_F(DeliveryTest, OnlyWhatOsteonWritesIsTaken) {
  EXPECT_TRUE(IsResultClass("1.2.840.10008.5.1.4.1.1.66.4"));
  EXPECT_FALSE(IsResultClass("1.2.840.10008.5.1.4.1.1.4"));
  ReceivedDocument image = DocumentOf("1.1", {{"0008,0016", "1.2.840.10008.5.1.4.1.1.4"}});
  image.announced.sop_class_uid = "1.2.840.10008.5.1.4.1.1.4";
  EXPECT_FALSE(CheckDocuments(archive, {image}, owner).ok());
  ReceivedDocument garbage = DocumentOf("1.1");
  garbage.bytes = "garbage";
  EXPECT_FALSE(CheckDocuments(archive, {garbage}, owner).ok());
}

TEST_F(DeliveryTest, StoringTwiceMakesNothingTwice) {
  const std::vector<ReceivedDocument> documents = {DocumentOf("1.1"), DocumentOf("1.2")};
  ASSERT_TRUE(StoreDocuments(archive, *ledger.store, job, documents));
  ASSERT_TRUE(StoreDocuments(archive, *ledger.store, job, documents));
  EXPECT_EQ(archive.files.size(), 2U);
}

TEST_F(DeliveryTest, AnObjectOfAnEarlierAttemptMakesRoom) {
  ASSERT_TRUE(
      StoreDocuments(archive, *ledger.store, job, {DocumentOf("1.1", {{"0008,0012", "old"}})}));
  ASSERT_TRUE(
      StoreDocuments(archive, *ledger.store, job, {DocumentOf("1.1", {{"0008,0012", "new"}})}));
  EXPECT_NE(archive.files["1.1"].find("new"), std::string::npos);
}

TEST_F(DeliveryTest, WhatOrthancDoesNotGiveBackIsNotStored) {
  archive.down = true;
  const Status status = StoreDocuments(archive, *ledger.store, job, {DocumentOf("1.1")});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kUnavailable);
}

TEST_F(DeliveryTest, WhoRefusesAnObjectIsNamedAndNothingHalfStays) {
  for (const auto& [status, word] : {std::pair("FilteredOut", "ReceivedInstanceFilter"),
                                     std::pair("StorageFull", "MaximumStorageSize")}) {
    archive.files["1.1"] = DocumentOf("1.1").bytes;
    archive.refuses = status;
    const Status stored =
        StoreDocuments(archive, *ledger.store, job, {DocumentOf("1.1"), DocumentOf("1.2")});
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().code(), ErrorCode::kUnavailable);
    EXPECT_NE(stored.error().message().find(word), std::string::npos) << stored.error().message();
    EXPECT_TRUE(archive.files.empty());
  }
}

TEST_F(DeliveryTest, AReportDoesNotBringADeletedStudyBack) {
  FakeSeries report;
  report.uid = "report";
  report.manufacturer = "Osteon project";
  archive.studies["s1"].series = {report};  // As when the images were deleted first.
  const Status status = StoreDocuments(archive, *ledger.store, job, {DocumentOf("1.1")});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kCancelled);
  EXPECT_TRUE(archive.files.empty());
}

TEST_F(DeliveryTest, WhoHasLostTheJobMeanwhileStoresNothingMore) {
  ASSERT_TRUE(ledger.store->Apply(
      {job.id, JobEvent::kFailedForNow, "another Orthanc", "it was silent", 1U, {}}, 0));
  const Status status = StoreDocuments(archive, *ledger.store, job, {DocumentOf("1.1")});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(archive.files.empty());
}

TEST_F(DeliveryTest, LeftoversOfAnotherPipelineAreRemoved) {
  ASSERT_TRUE(StoreDocuments(archive, *ledger.store, job, {DocumentOf("1.1")}));
  ASSERT_TRUE(
      ledger.store->Apply({job.id, JobEvent::kFailedForNow, "w", "killed here", 1U, {}}, 0));
  ASSERT_TRUE(ledger.store->WakeRetries(clock.now_ms, kHourMs));
  BeginStoring("another pipeline", "2.1");
  ASSERT_TRUE(StoreDocuments(archive, *ledger.store, job, {DocumentOf("2.1")}));
  EXPECT_FALSE(archive.files.contains("1.1"));
  EXPECT_TRUE(archive.files.contains("2.1"));
}

}  // namespace
}  // namespace osteon::plugin
