// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/backfill.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace osteon::plugin
