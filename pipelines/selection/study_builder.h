// SPDX-License-Identifier: GPL-3.0-or-later
// From the frames of a study, however they were read, to its volumes with their contrast: the one
// road that `osteon analyze` (from files) and the plugin (from Orthanc's tags) both take.
#pragma once

#include <vector>

#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"
#include "pipelines/selection/choose.h"
#include "pipelines/selection/contrast.h"
#include "pipelines/selection/frame_header.h"
#include "pipelines/selection/stack_builder.h"

namespace osteon {

// All that decides what a series is and which are taken. rules_file.h reads it from JSON.
struct SelectionRules {
  ContrastRules contrast;
  StackRules stacks;
  ChooseOptions choose;
};

// What is left out of a study because it cannot be read: damage when its contrast is one that is
// used, since then something is missing.
Study::LeftOut Unreadable(std::string what, std::string reason, const Physics& physics,
                          const std::string& description, const SelectionRules& rules);

// Adds the volumes of one series to study.series, each with its contrast; what cannot be used goes
// to study.left_out. REQUIRES: all frames are of one series and there is one.
void AddSeries(std::vector<FrameHeader> frames, const SelectionRules& rules, Study& study,
               std::vector<Caveat>& caveats);

// After the last AddSeries: tells diffusion at b = 0 from STIR, joins the packages of one volume
// that were sent as several series, and sorts. Caveats: packages_joined, shared_sop_uids,
// missing_slice and irregular_spacing of joined packages.
void FinishSeries(const SelectionRules& rules, Study& study, std::vector<Caveat>& caveats);

}  // namespace osteon
