// SPDX-License-Identifier: GPL-3.0-or-later
// "Why did Osteon (not) take this study?", for people: `osteon explain`, GET
// /osteon/explain/{study}.
#pragma once

#include <optional>
#include <string>

#include "orthanc-plugin/archive/archive.h"
#include "orthanc-plugin/intake/gate.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/rules/rules_file.h"

namespace osteon::plugin {

// A JSON object (README.md lists its members); nothing when Orthanc does not know the study.
// `study` is its StudyInstanceUID or Orthanc's id. Looks at the study as it is now and changes
// nothing.
Result<std::optional<std::string>> Explain(Archive& archive, JobStore& store,
                                           const SiteRules& rules, const GateOptions& options,
                                           const std::string& study, UnixMs now_ms);

}  // namespace osteon::plugin
