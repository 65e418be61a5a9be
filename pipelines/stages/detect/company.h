// SPDX-License-Identifier: GPL-3.0-or-later
// What the other marks of a study say about a mark. CNO has several lesions in nine of ten
// children (config/evidence.md, Sites), so beside lesions that are sure a doubtful mark is likelier
// one too; in a child without any, the same mark is likelier normal.
#pragma once

#include <span>
#include <vector>

namespace osteon {

// A mark by itself: the classifier's log-odds before calibration, and whether a rule keeps it from
// being a lesion (normal_signal.h). Other contrasts are not in it, so that a series changes nothing
// where it was not imaged.
struct MarkAlone {
  double log_odds = 0;
  bool ruled_out = false;
};

// For each mark, how many of the others are lesions for sure: log-odds of kSureLogOdds, and no rule
// against them. kMostCompany at most: three are as good as ten.
inline constexpr double kSureLogOdds = 2.0;  // A probability of 0.88. Chosen.
inline constexpr int kMostCompany = 3;       // Chosen.
std::vector<int> CompanyOf(std::span<const MarkAlone> marks);

}  // namespace osteon
