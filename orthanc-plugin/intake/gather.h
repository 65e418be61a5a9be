// SPDX-License-Identifier: GPL-3.0-or-later
// What a worker gets for a job, read from Orthanc at the moment it is handed out.
#pragma once

#include "orthanc-plugin/archive/material.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/rules/rules_file.h"

namespace osteon::plugin {

// Errors: kCancelled when the study is gone; kNotReady when it no longer holds the instances the
// job was made for (intake will see that too); kUnavailable when Orthanc does not answer.
Result<Material> Gather(Archive& archive, const SelectionRules& rules, const Job& job);

}  // namespace osteon::plugin
