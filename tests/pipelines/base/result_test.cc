// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace osteon {
namespace {

TEST(Result, HoldsAValueThatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  ASSERT_TRUE(result.ok());
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, ErrorGathersWhatWasBeingDoneOutermostFirst) {
  Result<int> result = InvalidInput("a.dcm: truncated");
  ASSERT_FALSE(result.ok());
  const Error error = std::move(result).error().During("series 3").During("read the study");
  EXPECT_EQ(error.message(), "read the study: series 3: a.dcm: truncated");
  EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
}

TEST(Result, StatusIsOkUntilItIsAnError) {
  EXPECT_TRUE(Status().ok());
  EXPECT_FALSE(Status(Unavailable("no peer")).ok());
}

TEST(ErrorCode, EachNameComesBackAndSaysWhetherToRetry) {
  struct Case {
    ErrorCode code;
    bool retry;
  };
  for (const Case& c : {Case{ErrorCode::kInvalidInput, false}, Case{ErrorCode::kUnsupported, false},
                        Case{ErrorCode::kNotReady, true}, Case{ErrorCode::kUnavailable, true},
                        Case{ErrorCode::kCancelled, false}, Case{ErrorCode::kInternal, false}}) {
    EXPECT_EQ(ErrorCodeFromName(Name(c.code)), c.code);
    EXPECT_EQ(IsRetryable(c.code), c.retry) << Name(c.code);
  }
}

TEST(ErrorCode, AnUnknownNameIsTreatedAsOurOwnFault) {
  EXPECT_EQ(ErrorCodeFromName("no_such_code"), ErrorCode::kInternal);
}

TEST(ResultDeathTest, ValueOfAnErrorStopsTheProgram) {
  const Result<int> result = Internal("x");
  EXPECT_DEATH((void)result.value(), "value\\(\\) of an error");
}

}  // namespace
}  // namespace osteon
