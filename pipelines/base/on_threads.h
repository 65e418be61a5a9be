// SPDX-License-Identifier: GPL-3.0-or-later
// Divides work that is independent piece by piece among threads.
#pragma once

#include <functional>
#include <vector>

namespace osteon {

// Calls `work` once for each number from 0 to before `count`, on `threads` threads at most, the
// caller's among them, and returns when all are done. Each thread takes the next number that none
// has taken. The result does not depend on the number of threads as long as each call writes what
// no other one reads or writes; DCMTK's data sets are never such (documents.cc). After an exception
// no further numbers are taken, and the first one is thrown again here.
void OnThreads(int threads, int count, const std::function<void(int)>& work);

// The same with pieces of work that differ.
void OnThreads(int threads, const std::vector<std::function<void()>>& pieces);

}  // namespace osteon
