// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/on_threads.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <vector>

namespace osteon {

void OnThreads(int threads, int count, const std::function<void(int)>& work) {
  std::atomic<int> next = 0;
  const auto take = [&] {
    try {
      for (int n = next++; n < count; n = next++) work(n);
    } catch (...) {
      next = count;
      throw;
    }
  };
  // Destroyed, and so waited for, before what they use.
  std::vector<std::future<void>> others;
  for (int n = 1; n < std::min(threads, count); ++n) {
    others.push_back(std::async(std::launch::async, take));
  }
  take();
  for (auto& other : others) other.get();
}

void OnThreads(int threads, const std::vector<std::function<void()>>& pieces) {
  OnThreads(threads, static_cast<int>(pieces.size()),
            [&](int n) { pieces[static_cast<std::size_t>(n)](); });
}

}  // namespace osteon
