// SPDX-License-Identifier: GPL-3.0-or-later
// What `osteon analyze` leaves in --out: all of it or nothing. Files are written into a folder
// beside and moved when they are complete.
#pragma once

#include <filesystem>

#include "pipelines/pipeline.h"

namespace osteon::cli {

// Documents, findings.json, overview.png, and explain/ when there are explanations. A folder that
// is not there appears whole; in one that is there, what an earlier analysis wrote is replaced and
// other files stay. Errors: kUnavailable with the file.
Status WriteAnalysis(const Analysis& analysis, const std::filesystem::path& out);

}  // namespace osteon::cli
