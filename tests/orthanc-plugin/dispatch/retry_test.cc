// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/retry.h"

#include <gtest/gtest.h>

namespace osteon::plugin {
namespace {

TEST(Retry, TheDelayDoublesUpToItsLimit) {
  const RetryPolicy policy{5, 2, 30'000, 300'000};
  const UnixMs full[] = {30'000, 60'000, 120'000, 240'000, 300'000, 300'000};
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(RetryDelayMs(policy, i + 1, 1.0), full[i]);
    EXPECT_EQ(RetryDelayMs(policy, i + 1, 0.0), full[i] / 2);
  }
  EXPECT_EQ(RetryDelayMs({5, 2, 30'000, 300'000}, 1'000'000, 1.0), 300'000);
}

TEST(Retry, WhatAFailureMeans) {
  struct Case {
    const char* what;
    FailureKind kind;
    ErrorCode code;
    int failures;
    int deaths;
    JobEvent event;
  };
  const Case cases[] = {
      {"broken input", FailureKind::kAnswered, ErrorCode::kInvalidInput, 0, 0,
       JobEvent::kFailedForGood},
      {"unsupported", FailureKind::kAnswered, ErrorCode::kUnsupported, 0, 0,
       JobEvent::kFailedForGood},
      {"a defect", FailureKind::kAnswered, ErrorCode::kInternal, 0, 0, JobEvent::kFailedForGood},
      {"not ready", FailureKind::kAnswered, ErrorCode::kNotReady, 0, 0, JobEvent::kFailedForNow},
      {"unavailable", FailureKind::kAnswered, ErrorCode::kUnavailable, 3, 0,
       JobEvent::kFailedForNow},
      {"unavailable too often", FailureKind::kAnswered, ErrorCode::kUnavailable, 4, 0,
       JobEvent::kFailedForGood},
      {"given back", FailureKind::kAnswered, ErrorCode::kCancelled, 0, 0, JobEvent::kReleased},
      {"first worker lost", FailureKind::kDeath, ErrorCode::kUnavailable, 0, 0,
       JobEvent::kFailedForNow},
      {"second worker lost", FailureKind::kDeath, ErrorCode::kUnavailable, 1, 1,
       JobEvent::kFailedForGood},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    Job job;
    job.id = 7;
    job.attempt = 3;
    job.state = JobState::kLeased;
    job.failures = c.failures;
    job.deaths = c.deaths;
    const Transition t =
        JudgeFailure(job, {c.kind, c.code, "why", "w"}, RetryPolicy{}, 0.5, 1'000'000);
    EXPECT_EQ(t.event, c.event);
    EXPECT_EQ(t.attempt, 3U);
    EXPECT_TRUE(t.reason.starts_with("why"));
    if (c.event == JobEvent::kFailedForNow) {
      EXPECT_GT(*t.patch.not_before_ms, 1'000'000);
    }
    EXPECT_TRUE(Next(job.state, t.event).has_value());
  }
}

TEST(Retry, EveryFailureFitsTheStatesItCanHappenIn) {
  for (const JobState state : {JobState::kLeased, JobState::kStoring})
    for (const ErrorCode code :
         {ErrorCode::kInvalidInput, ErrorCode::kUnsupported, ErrorCode::kNotReady,
          ErrorCode::kUnavailable, ErrorCode::kCancelled, ErrorCode::kInternal})
      for (const FailureKind kind : {FailureKind::kAnswered, FailureKind::kDeath}) {
        Job job;
        job.state = state;
        EXPECT_TRUE(Next(state, JudgeFailure(job, {kind, code, "", ""}, RetryPolicy{}, 0, 0).event))
            << Name(state);
      }
}

}  // namespace
}  // namespace osteon::plugin
