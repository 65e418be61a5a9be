// SPDX-License-Identifier: GPL-3.0-or-later
// A pipeline that does what the study's first file says, for tests of the worker: the file holds
// one line.
//   result N        one document "sr.dcm" of N bytes, derived from the fingerprint
//   not_evaluable | not_whole_body | invalid | throw | crash | eat | spin | hang
//   tell            not evaluable, the reason tells the settings and what else came with the job
//   wait PATH       until PATH exists, then as "result 100"
#pragma once

#include "daemon/worker/job_child.h"

namespace osteon::testing {

// Its hash is of what follows "[pipeline]" in the configuration and of the file `card` in
// model_dir: 64 'e' without either. Settings with the word "bad" are refused.
PipelineEntry FakePipeline();

// What "result N" makes for this fingerprint.
std::string FakeDocument(const std::string& fingerprint, std::size_t bytes);

}  // namespace osteon::testing
