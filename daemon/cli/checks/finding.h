// SPDX-License-Identifier: GPL-3.0-or-later
// What a check found, and what to do about it: for `doctor` and `config check`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace osteon::cli {

enum class Verdict { kGood, kWarning, kBad };

struct Finding {
  Verdict verdict = Verdict::kGood;
  std::string what;
  std::string fix;  // Empty when good.
};

inline constexpr std::uint64_t kLowDiskMib = 4096;  // Two large studies.

inline Finding Good(std::string what) { return {Verdict::kGood, std::move(what), ""}; }
inline Finding Warn(std::string what, std::string fix) {
  return {Verdict::kWarning, std::move(what), std::move(fix)};
}
inline Finding Bad(std::string what, std::string fix) {
  return {Verdict::kBad, std::move(what), std::move(fix)};
}

// Prints them, as JSON when asked. The exit code: 0 nothing is wrong, 1 something is.
int Tell(const std::vector<Finding>& findings, bool json);

}  // namespace osteon::cli
