// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/states.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <utility>

namespace osteon::plugin {
namespace {

using S = JobState;
using E = JobEvent;

// All changes of state that are allowed; every other pair must be refused.
const std::map<std::pair<S, E>, S> kAllowed = {
    {{S::kCollecting, E::kGateOpened}, S::kReady},
    {{S::kCollecting, E::kNotSelected}, S::kSkipped},
    {{S::kCollecting, E::kOperatorRunNow}, S::kCollecting},
    {{S::kCollecting, E::kOperatorSkip}, S::kSkipped},
    {{S::kCollecting, E::kCancel}, S::kCancelled},
    {{S::kReady, E::kLease}, S::kLeased},
    {{S::kReady, E::kInputsChanged}, S::kCollecting},
    {{S::kReady, E::kOperatorRunNow}, S::kReady},
    {{S::kReady, E::kOperatorSkip}, S::kSkipped},
    {{S::kReady, E::kCancel}, S::kCancelled},
    {{S::kLeased, E::kResultReceived}, S::kStoring},
    {{S::kLeased, E::kNotSelected}, S::kSkipped},
    {{S::kLeased, E::kReleased}, S::kReady},
    {{S::kLeased, E::kFailedForNow}, S::kRetryWait},
    {{S::kLeased, E::kFailedForGood}, S::kStuck},
    {{S::kLeased, E::kInputsChanged}, S::kCollecting},
    {{S::kLeased, E::kOperatorSkip}, S::kSkipped},
    {{S::kLeased, E::kCancel}, S::kCancelled},
    {{S::kStoring, E::kVerified}, S::kDone},
    {{S::kStoring, E::kVerifiedNotEvaluable}, S::kNotEvaluable},
    {{S::kStoring, E::kFailedForNow}, S::kRetryWait},
    {{S::kStoring, E::kFailedForGood}, S::kStuck},
    {{S::kStoring, E::kCancel}, S::kCancelled},
    {{S::kRetryWait, E::kRetryDue}, S::kReady},
    {{S::kRetryWait, E::kOperatorRetry}, S::kReady},
    {{S::kRetryWait, E::kOperatorRunNow}, S::kReady},
    {{S::kRetryWait, E::kInputsChanged}, S::kCollecting},
    {{S::kRetryWait, E::kOperatorSkip}, S::kSkipped},
    {{S::kRetryWait, E::kCancel}, S::kCancelled},
    {{S::kStuck, E::kOperatorRetry}, S::kReady},
    {{S::kStuck, E::kInputsChanged}, S::kCollecting},
    {{S::kStuck, E::kOperatorSkip}, S::kSkipped},
    {{S::kStuck, E::kCancel}, S::kCancelled},
    {{S::kDone, E::kDeleted}, S::kCancelled},
    {{S::kDone, E::kWithdrawn}, S::kCancelled},
    {{S::kNotEvaluable, E::kDeleted}, S::kCancelled},
    {{S::kNotEvaluable, E::kWithdrawn}, S::kCancelled},
    {{S::kSkipped, E::kOperatorRetry}, S::kCollecting},
    {{S::kSkipped, E::kInputsChanged}, S::kCollecting},
    {{S::kCancelled, E::kOperatorRetry}, S::kCollecting},
    {{S::kCancelled, E::kInputsChanged}, S::kCollecting},
};

TEST(States, EveryPairOfStateAndEvent) {
  for (const S state : kJobStates)
    for (const E event : kJobEvents) {
      SCOPED_TRACE(std::string(Name(state)) + " + " + std::string(Name(event)));
      const auto allowed = kAllowed.find({state, event});
      const auto next = Next(state, event);
      ASSERT_EQ(next.has_value(), allowed != kAllowed.end());
      if (next) {
        EXPECT_EQ(*next, allowed->second);
      }
    }
}

TEST(States, EveryStateCanBeReachedAndEveryOpenOneLeft) {
  for (const S state : kJobStates) {
    bool reached = state == S::kCollecting;
    bool left = false;
    for (const auto& [pair, to] : kAllowed) {
      reached = reached || to == state;
      left = left || pair.first == state;
    }
    EXPECT_TRUE(reached) << Name(state);
    EXPECT_TRUE(left) << Name(state);
  }
}

TEST(States, EveryEventIsToldInWordsOfItsOwn) {
  std::set<std::string_view> told;
  for (const E event : kJobEvents) {
    EXPECT_EQ(Told(event).find('_'), std::string_view::npos) << Name(event);
    EXPECT_TRUE(told.insert(Told(event)).second) << Name(event);
  }
  EXPECT_FALSE(told.contains(""));
}

TEST(States, EveryStateIsSaidInWordsOfItsOwn) {
  std::set<std::string_view> said;
  for (const S state : kJobStates) {
    EXPECT_EQ(Words(state).find('_'), std::string_view::npos) << Name(state);
    EXPECT_TRUE(said.insert(Words(state)).second) << Name(state);
  }
  EXPECT_FALSE(said.contains(""));
}

TEST(States, NamesGoThereAndBack) {
  for (const S state : kJobStates) EXPECT_EQ(JobStateFromName(Name(state)), state);
  EXPECT_FALSE(JobStateFromName("Ready"));
}

}  // namespace
}  // namespace osteon::plugin
