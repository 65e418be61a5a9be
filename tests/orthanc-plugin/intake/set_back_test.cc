// SPDX-License-Identifier: GPL-3.0-or-later
// An Orthanc database that was replaced, restored from a backup, or has lost its last commits in a
// power cut that took none of the ledger's.
#include <gtest/gtest.h>

#include "tests/orthanc-plugin/intake/intake_fixture.h"

namespace osteon::plugin {
namespace {

class SetBackTest : public IntakeFixture {
 protected:
  void MakeDone() {
    Round();
    AddStudy("a");
    Settle();
    results = {{"9.1", "1.2.840.10008.5.1.4.1.1.88.34", ""}};
    archive.files["9.1"] = "the report";
    Finish(Latest("a").id);
    AddReport("a");
  }
  // Together with the last change.
  void LoseReport() {
    archive.files.clear();
    archive.studies["a"].series.pop_back();
    archive.changes.pop_back();
  }
};

TEST_F(SetBackTest, AReplacedDatabaseIsNoticedAndCompared) {
  Round();
  AddStudy("a");
  AddStudy("b");
  Settle();
  archive.changes.clear();  // As DELETE /changes or a restored database does.
  AddStudy("c");
  Settle();
  EXPECT_EQ(Latest("c").state, JobState::kReady);
  EXPECT_EQ(*ledger.store->Cursor(), 1);
}

TEST_F(SetBackTest, AReportThatOrthancsDatabaseLostIsMadeAgain) {
  MakeDone();
  ASSERT_TRUE(ledger.store->NoteChange({2, "of the report"}));
  LoseReport();
  Restart();
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kReady);
  EXPECT_EQ(ledger.store->NewestChange()->number, 1);
}

TEST_F(SetBackTest, ADatabaseThatWasSetBackIsNoticedThoughItsLogHasGrownAgain) {
  MakeDone();
  Round();
  LoseReport();
  AddStudy("b");
  AddStudy("c");
  Restart();
  Settle();
  for (const char* study : {"a", "b", "c"}) EXPECT_EQ(Latest(study).state, JobState::kReady);
}

TEST_F(SetBackTest, AReportStoredWhileTheLogIsReadIsNoSetBack) {
  Round();
  AddStudy("a");
  Settle();
  archive.after_get = [&](const std::string& uri) {
    if (uri != "/changes?last") return;
    archive.after_get = nullptr;
    AddReport("a");
    ASSERT_TRUE(ledger.store->NoteChange({2, "of the report"}));
  };
  Round();
  EXPECT_EQ(ledger.store->NewestChange()->number, 2) << "else the log counts as another one";
}

TEST_F(SetBackTest, AReportThatAPersonDeletedStaysDeleted) {
  MakeDone();
  Round();
  archive.files.clear();
  archive.studies["a"].series.pop_back();
  archive.studies["a"].last_update = "20300101T000009";
  Restart();
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kDone);
  archive.changes.clear();  // An administrator calls DELETE /changes.
  Restart();
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kDone);
}

// Orthanc drops the changes of what is deleted.
TEST_F(SetBackTest, AReportThatAPersonDeletedStaysDeletedThoughItWasTheNewestChange) {
  MakeDone();
  Round();
  LoseReport();
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kDone);
  EXPECT_EQ(ledger.store->NewestChange()->number, 1);
  Restart();
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kDone);
}

TEST_F(SetBackTest, TheNewestStudyIsDeletedAndNoOtherReportIsMadeAgain) {
  MakeDone();
  Round();
  archive.files.clear();
  archive.studies["a"].series.pop_back();  // A person deletes the report.
  AddStudy("b");
  Settle();
  archive.studies.erase("b");
  archive.changes.pop_back();
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kDone);
  EXPECT_EQ(Latest("b").state, JobState::kCancelled);
}

}  // namespace
}  // namespace osteon::plugin
