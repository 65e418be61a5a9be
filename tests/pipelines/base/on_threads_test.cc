// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/on_threads.h"

#include <gmock/gmock.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace osteon {
namespace {

TEST(OnThreads, DoesEachPieceOnceWhateverTheNumberOfThreads) {
  for (const int threads : {-1, 0, 1, 2, 3, 200}) {
    for (const int count : {0, 1, 2, 100}) {
      std::vector<int> done(static_cast<std::size_t>(count));
      OnThreads(threads, count, [&](int n) { ++done[static_cast<std::size_t>(n)]; });
      EXPECT_THAT(done, testing::Each(1)) << threads << " threads, " << count << " pieces";
    }
  }
}

TEST(OnThreads, DoesDifferentPieces) {
  for (const int threads : {1, 2}) {
    int one = 0, two = 0;
    OnThreads(threads, {[&] { one = 1; }, [&] { two = 2; }});
    EXPECT_EQ(one, 1);
    EXPECT_EQ(two, 2);
  }
}

TEST(OnThreads, ThrowsWhatAPieceThrew) {
  for (const int threads : {1, 4}) {
    std::atomic<int> begun = 0;
    EXPECT_THROW(OnThreads(threads, 1000,
                           [&](int) {
                             ++begun;
                             throw std::runtime_error("a piece");
                           }),
                 std::runtime_error);
    EXPECT_LE(begun, threads) << "no piece is begun after a fault by the thread that had it";
  }
}

}  // namespace
}  // namespace osteon
