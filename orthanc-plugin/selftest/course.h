// SPDX-License-Identifier: GPL-3.0-or-later
// What one self-test does, step by step: the study goes into Orthanc under new UIDs, its job is
// hurried, and the report is compared with what was drawn.
#pragma once

#include <functional>
#include <string>

#include "orthanc-plugin/web/context.h"
#include "pipelines/truth/packed_study.h"

namespace osteon::plugin {

struct SelftestTimes {
  SteadyMs poll_ms = 1'000;        // How often one that runs looks at its job.
  SteadyMs look_ms = 5'000;        // How often it is looked for an abandoned one.
  SteadyMs deadline_ms = 900'000;  // As `osteon selftest` has, without the quiet time.
  SteadyMs no_worker_ms = 30'000;  // Without any worker it is given up after that.
  SteadyMs abandoned_ms = 30'000;  // Whose beat stands still for that long: its Orthanc died.
};

struct SelftestEnd {
  // Empty: passed. Else why not; the page says it in its language.
  std::string code;
  std::string detail;  // English, of this case; may be empty.
  std::string why;     // The detail as Job::why.
  int found = 0, of = 0;
  std::int64_t seconds = 0;
  bool silent = false;
};

// The study's UID in the run that begins then.
std::string StudyUidOf(const PackedStudy& study, UnixMs begun_ms);

// `pause` waits for a moment; false: stop. The study is in Orthanc afterwards.
SelftestEnd RunSelftest(const WebContext& context, const PackedStudy& study, const SelftestRun& run,
                        const SelftestTimes& times, const std::function<bool()>& pause);

// What is in Orthanc of the study, with its report, goes.
Status DeleteSelftestStudy(Archive& archive, const std::string& study_uid);

// As KeepSelftest of the ledger wants it.
std::string SelftestJson(const SelftestRun& run, const SelftestEnd& end, UnixMs now_ms);

}  // namespace osteon::plugin
