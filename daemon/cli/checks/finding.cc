// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/checks/finding.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "daemon/cli/command.h"
#include "daemon/cli/print.h"

namespace osteon::cli {
namespace {

using Json = nlohmann::ordered_json;

const char* Word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood:
      return "ok";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kBad:
      return "wrong";
  }
  return "";
}

}  // namespace

int Tell(const std::vector<Finding>& findings, bool as_json) {
  Json json = Json::array();
  for (const Finding& finding : findings) {
    json.push_back(
        {{"verdict", Word(finding.verdict)}, {"what", finding.what}, {"fix", finding.fix}});
    if (as_json) continue;
    std::printf("%-8s %s\n", Word(finding.verdict), Printable(finding.what).c_str());
    if (!finding.fix.empty()) std::printf("         -> %s\n", finding.fix.c_str());
  }
  if (as_json) std::puts(json.dump(1, ' ', false, Json::error_handler_t::replace).c_str());
  const bool bad = std::any_of(findings.begin(), findings.end(),
                               [](const Finding& f) { return f.verdict == Verdict::kBad; });
  return bad ? kFailed : kDone;
}

}  // namespace osteon::cli
