// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/run_context.h"

#include <gtest/gtest.h>

namespace osteon {
namespace {

TEST(RunContext, SaysEachCaveatOnce) {
  RunContext run;
  run.AddCaveat("missing_slice", "Slice 4 is missing.");
  run.AddCaveat("missing_slice", "Slice 4 is missing.");
  run.AddCaveat("missing_slice", "Slice 9 is missing.");
  EXPECT_EQ(run.caveats().size(), 2U);
}

TEST(RunContext, TellsProgressAndKeepsTheTimeOfEachStage) {
  std::vector<std::string> told;
  RunContext run([&](std::string_view stage, double) { told.emplace_back(stage); });
  { auto timer = run.Timed("read", 0.0); }
  { auto timer = run.Timed("compose", 0.2); }
  EXPECT_EQ(told, (std::vector<std::string>{"read", "compose"}));
  ASSERT_EQ(run.stage_times().size(), 2U);
  EXPECT_EQ(run.stage_times()[1].stage, "compose");
  EXPECT_GE(run.stage_times()[1].seconds, 0);
}

TEST(RunContext, TellsTheMostMemoryUntilTheEndOfEachStage) {
  RunContext run;
  { auto timer = run.Timed("small", 0.0); }
  {
    auto timer = run.Timed("large", 0.2);
    // Touched, so that it is resident; far more than the program has so far.
    const std::vector<char> block(std::size_t{256} << 20, 'x');
    EXPECT_EQ(block.back(), 'x');
  }
  { auto timer = run.Timed("small again", 0.4); }
  ASSERT_EQ(run.stage_times().size(), 3U);
  const double before = run.stage_times()[0].peak_memory_mib;
  EXPECT_GT(before, 1);
  EXPECT_GT(run.stage_times()[1].peak_memory_mib, before + 100);
  EXPECT_GE(run.stage_times()[2].peak_memory_mib, run.stage_times()[1].peak_memory_mib);
}

TEST(RunContext, IsCancelledFromOutside) {
  RunContext run;
  EXPECT_FALSE(run.Cancelled());
  run.Cancel();
  EXPECT_TRUE(run.Cancelled());
}

}  // namespace
}  // namespace osteon
