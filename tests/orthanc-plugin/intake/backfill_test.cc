// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/backfill.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/orthanc-plugin/intake/intake_fixture.h"

namespace osteon::plugin {
namespace {

using BackfillTest = IntakeFixture;

TEST_F(BackfillTest, StudiesFromBeforeTheFirstStartAreLeftToABackfill) {
  AddStudy("old").last_update = "20200101T000000";
  Settle();
  EXPECT_FALSE(ledger.store->Latest("old")->has_value());
  const auto unseen = Backfill(archive, *ledger.store, {10'000, 60'000},
                               {"", "", BackfillScope::kUnseen, "operator"}, clock.now_ms);
  EXPECT_EQ(unseen->queued, 1U);
  Settle();
  EXPECT_EQ(Latest("old").state, JobState::kReady);
  EXPECT_EQ(Latest("old").priority, Priority::kBackfill);
}

TEST_F(BackfillTest, BackfillKeepsToItsDatesAndAnalysesAgainOnlyWhenAsked) {
  Round();
  AddStudy("a");
  Settle();
  Finish(Latest("a").id);
  const GateOptions gate{10'000, 60'000};
  EXPECT_EQ(Backfill(archive, *ledger.store, gate, {"", "", BackfillScope::kUnseen, "operator"},
                     clock.now_ms)
                ->queued,
            0U);
  EXPECT_EQ(Backfill(archive, *ledger.store, gate,
                     {"20260902", "", BackfillScope::kReanalyse, "operator"}, clock.now_ms)
                ->queued,
            0U);
  EXPECT_EQ(Backfill(archive, *ledger.store, gate,
                     {"20260901", "20260901", BackfillScope::kReanalyse, "operator"}, clock.now_ms)
                ->queued,
            1U);
  EXPECT_FALSE(Backfill(archive, *ledger.store, gate,
                        {"1 Sep", "", BackfillScope::kUnseen, "operator"}, clock.now_ms)
                   .ok());
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kReady);
  EXPECT_TRUE(Latest("a").supersedes.has_value());
}

TEST_F(BackfillTest, ADryRunTellsWhatWouldBeAndChangesNothing) {
  AddStudy("old").last_update = "20200101T000000";
  Settle();
  AddStudy("new");
  Settle();
  Finish(Latest("new").id);
  const auto tell = [&](const char* from, BackfillScope scope) {
    const auto report = Backfill(archive, *ledger.store, {10'000, 60'000},
                                 {from, "", scope, "operator", BackfillRun::kTell}, clock.now_ms);
    EXPECT_TRUE(report.ok());
    std::map<std::string, std::string> why_not;
    for (const BackfillStudy& study : report->studies) why_not[study.study_uid] = study.why_not;
    EXPECT_EQ(report->looked_at, why_not.size());
    return std::pair(report->queued, why_not);
  };
  const std::string old = archive.studies["old"].uid;
  const std::string done = archive.studies["new"].uid;
  const auto [queued, why_not] = tell("", BackfillScope::kUnseen);
  EXPECT_EQ(queued, 1U);
  EXPECT_EQ(why_not.at(old), "");
  EXPECT_EQ(why_not.at(done),
            fmt::format("job {} of it is done: it has its report ('reanalyse' makes it anew)",
                        Latest("new").id));
  EXPECT_EQ(tell("", BackfillScope::kReanalyse).first, 2U);
  EXPECT_EQ(tell("29990101", BackfillScope::kUnseen).second.at(old),
            "its date is outside the range");
  EXPECT_FALSE(ledger.store->Latest("old")->has_value());
  EXPECT_EQ(Latest("new").state, JobState::kDone);
}

}  // namespace
}  // namespace osteon::plugin
