// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/job_store.h"

#include "pipelines/base/digest.h"

namespace osteon::plugin {

std::string_view Name(Priority priority) {
  switch (priority) {
    case Priority::kStat:
      return "stat";
    case Priority::kRoutine:
      return "routine";
    case Priority::kOvernight:
      return "overnight";
    case Priority::kBackfill:
      return "backfill";
  }
  return "";
}

std::optional<Priority> PriorityFromName(std::string_view name) {
  for (const Priority priority : kPriorities)
    if (Name(priority) == name) return priority;
  return std::nullopt;
}

std::string_view Name(HoldKind kind) {
  switch (kind) {
    case HoldKind::kNone:
      return "none";
    case HoldKind::kPause:
      return "pause";
    case HoldKind::kDrain:
      return "drain";
  }
  return "";
}

std::string Fingerprint(const std::string& inputs_hash, const std::string& patient_digest,
                        const std::string& pipeline_hash, const std::string& config_hash) {
  const std::string patient = patient_digest.empty() ? "" : "\n" + patient_digest;
  return Sha256Hex(inputs_hash + "\n" + pipeline_hash + "\n" + config_hash + patient);
}

}  // namespace osteon::plugin
