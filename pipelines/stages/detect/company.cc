// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/company.h"

#include <algorithm>

namespace osteon {
namespace {

bool IsSure(const MarkAlone& mark) { return !mark.ruled_out && mark.log_odds >= kSureLogOdds; }

}  // namespace

std::vector<int> CompanyOf(std::span<const MarkAlone> marks) {
  const auto sure = static_cast<int>(std::ranges::count_if(marks, IsSure));
  std::vector<int> out;
  out.reserve(marks.size());
  for (const MarkAlone& mark : marks)
    out.push_back(std::min(kMostCompany, sure - (IsSure(mark) ? 1 : 0)));
  return out;
}

}  // namespace osteon
