// SPDX-License-Identifier: GPL-3.0-or-later
// Writes findings.json, the whole report for programs. Schema: config/findings.schema.json.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/report.h"

namespace osteon {

// Facts of the run that are not in the findings.
struct RunFacts {
  std::vector<StageTime>
      stage_times;  // Wall clock, so this part differs between runs; left out when empty.
  std::vector<Document> documents;  // Listed with their UIDs; the bytes are not read.
  std::string inference;            // What ran the network; left out when empty.
};

// UTF-8, indented by one, member order fixed. Numbers are rounded as in the SR (model/decimal.h).
// Texts are in the language of `text`; keys and classes are always English.
std::string FindingsJson(const AnalysedStudy& analysed, const ReportText& text,
                         const ReportOptions& options, const RunFacts& run);

}  // namespace osteon
