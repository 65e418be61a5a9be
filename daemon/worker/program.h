// SPDX-License-Identifier: GPL-3.0-or-later
// The program osteond, with the pipeline as an argument: the product's main.cc gives it the real
// one, tests a small one.
#pragma once

#include "daemon/worker/job_child.h"

namespace osteon {

// Exit code: 0 stopped as asked, 1 cannot run (spool, keys, pipeline), 2 wrong command line or
// configuration.
int OsteondMain(int argc, char** argv, const PipelineEntry& pipeline);

}  // namespace osteon
