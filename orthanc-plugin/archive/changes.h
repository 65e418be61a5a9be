// SPDX-License-Identifier: GPL-3.0-or-later
// Orthanc's change log: which studies got instances, and whether the log is still the one that was
// read before.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "pipelines/base/result.h"

namespace osteon::plugin {

// A row of Orthanc's change log. Rows are numbered from 1; a database that was set back (restored,
// or power cut: Orthanc does not sync its SQLite index at every commit) gives a number out again,
// but then for something else.
struct ArchiveChange {
  std::int64_t number = 0;  // 0: the log is empty.
  std::string digest;  // Of time, type and resource; empty when there is no such row (any more).
};

struct ChangeBatch {
  ArchiveChange last;                  // The cursor after this batch.
  bool done = true;                    // False: there is more to read at once.
  std::vector<std::string> study_ids;  // Orthanc ids touched, each once.
};
// The studies touched after change number `since`, at most `limit` changes.
Result<ChangeBatch> ReadChanges(Archive& archive, std::int64_t since, int limit);
Result<ArchiveChange> ReadLastChange(Archive& archive);
// The row with that number; its digest is empty when the log does not have it.
Result<ArchiveChange> ReadChange(Archive& archive, std::int64_t number);

}  // namespace osteon::plugin
