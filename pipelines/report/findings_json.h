// SPDX-License-Identifier: GPL-3.0-or-later
// findings.json: everything the report holds, for programs. Described by
// config/findings.schema.json.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/report.h"

namespace osteon {

// What the findings do not know of the run.
struct RunFacts {
  std::vector<StageTime>
      stage_times;  // Wall clock, so this part differs between runs; left out when empty.
  std::vector<Document> documents;  // Named with their UIDs; the bytes are not looked at.
};

// UTF-8, indented by one, member order fixed. Numbers are rounded as in the SR (model/decimal.h).
// Texts are in the language of `text`; keys and classes are not.
std::string FindingsJson(const AnalysedStudy& analysed, const ReportText& text,
                         const ReportOptions& options, const RunFacts& run);

}  // namespace osteon
