// SPDX-License-Identifier: GPL-3.0-or-later
// From the frames of a study to its volumes with their contrast. `osteon analyze` (on files) and
// the plugin (on Orthanc's tags) both call this.
#pragma once

#include <vector>

#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"
#include "pipelines/selection/choose.h"
#include "pipelines/selection/contrast.h"
#include "pipelines/selection/frame_header.h"
#include "pipelines/selection/stack_builder.h"

namespace osteon {

// All rules of selection. rules/rules_file.h reads them from JSON.
struct SelectionRules {
  ContrastRules contrast;
  StackRules stacks;
  ChooseOptions choose;
};

// The entry for a frame or series that cannot be read: `damaged` when its contrast is one that is
// used, since then something is missing.
Study::LeftOut Unreadable(std::string what, std::string reason, const Physics& physics,
                          const std::string& description, const SelectionRules& rules);

// Adds the volumes of one series to study.series, each with its contrast; what cannot be used goes
// to study.left_out. REQUIRES: all frames are of one series and there is one.
void AddSeries(const std::vector<FrameHeader>& frames, const SelectionRules& rules, Study& study,
               std::vector<Caveat>& caveats);

// After the last AddSeries: tells diffusion at b = 0 from STIR, joins the packages of one volume
// that were sent as several series, and sorts. Caveats: packages_joined, shared_sop_uids,
// missing_slice and irregular_spacing of joined packages.
void FinishSeries(const SelectionRules& rules, Study& study, std::vector<Caveat>& caveats);

}  // namespace osteon
