// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the output of `osteon analyze`, completely or not at all: files are written into a hidden
// folder next to it and moved when they are complete.
#pragma once

#include <filesystem>

#include "pipelines/pipeline.h"

namespace osteon::cli {

// Writes the documents, findings.json, overview.png, and explain/ when there are explanations. When
// `out` exists, the files of an earlier analysis are replaced and other files stay. Errors:
// kUnavailable, naming the file.
Status WriteAnalysis(const Analysis& analysis, const std::filesystem::path& out);

}  // namespace osteon::cli
