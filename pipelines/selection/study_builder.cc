// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/study_builder.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "pipelines/selection/packages.h"

namespace osteon {
namespace {

// The b = 0 image of a diffusion series with inversion has the times of a STIR; it is told by the
// other b-values of its series.
void TellDiffusionAtZero(Study& study) {
  std::set<std::string> diffusion;
  for (const SeriesInfo& s : study.series) {
    if (s.contrast == Contrast::kDiffusion && s.physics.b_value_s_per_mm2.value_or(0) > 0) {
      diffusion.insert(s.series_instance_uid);
    }
  }
  for (SeriesInfo& s : study.series) {
    if (s.contrast == Contrast::kAdc || !diffusion.contains(s.series_instance_uid)) continue;
    if (s.contrast == Contrast::kDiffusion || s.physics.b_value_s_per_mm2.value_or(0) > 0) continue;
    s.contrast = Contrast::kDiffusion;
    s.contrast_reason = "diffusion: the image without weighting of its series";
    s.contrast_guess.clear();
  }
}

// Some archives and workstations give two series the same SOP Instance UIDs.
void SaySharedUids(const Study& study, std::vector<Caveat>& caveats) {
  std::map<std::string, std::string> series_of;
  std::set<std::string> said;
  std::map<std::string, int> number_of;
  for (const SeriesInfo& s : study.series) number_of[s.series_instance_uid] = s.series_number;
  for (const SeriesInfo& s : study.series) {
    for (const FrameSource& frame : s.frames) {
      if (frame.missing()) continue;
      const auto [known, is_new] =
          series_of.insert({frame.sop_instance_uid, frame.series_instance_uid});
      if (is_new || known->second == frame.series_instance_uid) continue;
      if (!said.insert(known->second + frame.series_instance_uid).second) continue;
      const std::string a = std::to_string(number_of[known->second]);
      const std::string b = std::to_string(number_of[frame.series_instance_uid]);
      caveats.push_back({"shared_sop_uids",
                         fmt::format("series {} and {} have the same SOP Instance UIDs "
                                     "(0008,0018): both were read, but a reference to one of "
                                     "these images may show the other",
                                     a, b),
                         {a, b}});
    }
  }
}

// Head-foot length of all frames together, to the centres of the outermost voxels.
double HeadFootMm(const std::vector<FrameHeader>& frames) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const FrameHeader& f : frames) {
    const Vec3 along_row = ((f.columns - 1) * f.column_spacing_mm) * f.row_direction;
    const Vec3 along_column = ((f.rows - 1) * f.row_spacing_mm) * f.column_direction;
    for (const Vec3& corner :
         {f.position_mm, f.position_mm + along_row, f.position_mm + along_column,
          f.position_mm + along_row + along_column}) {
      low = std::min(low, corner.z);
      high = std::max(high, corner.z);
    }
  }
  return high - low;
}

// What was left out of a series is damage only when its contrast is one that is used.
void JudgeLeftOut(const std::vector<FrameHeader>& frames, const SelectionRules& rules,
                  std::vector<Study::LeftOut>& left_out) {
  Contrast contrast = Contrast::kOther;
  for (const FrameHeader& f : frames) {
    const Contrast own = TellContrast(f.physics, f.description, rules.contrast).contrast;
    if (contrast == Contrast::kOther || MayBeTheBody(own)) contrast = own;
    if (MayBeTheBody(contrast)) break;
  }
  const double head_foot_mm = HeadFootMm(frames);
  for (Study::LeftOut& out : left_out) {
    out.damaged = out.damaged && contrast != Contrast::kOther;
    out.contrast = contrast;
    out.head_foot_mm = head_foot_mm;
  }
}

}  // namespace

Study::LeftOut Unreadable(std::string what, std::string reason, const Physics& physics,
                          const std::string& description, const SelectionRules& rules) {
  const Contrast contrast = TellContrast(physics, description, rules.contrast).contrast;
  return {std::move(what), std::move(reason), contrast != Contrast::kOther, contrast, 0};
}

void AddSeries(const std::vector<FrameHeader>& frames, const SelectionRules& rules, Study& study,
               std::vector<Caveat>& caveats) {
  Stacks stacks = BuildStacks(frames, rules.stacks);
  if (!stacks.left_out.empty()) JudgeLeftOut(frames, rules, stacks.left_out);
  for (SeriesInfo& info : stacks.series) {
    ContrastVerdict verdict = TellContrast(info.physics, info.description, rules.contrast);
    info.contrast = verdict.contrast;
    info.contrast_reason = std::move(verdict.reason);
    info.contrast_guess = std::move(verdict.guess);
    if (verdict.b_value_s_per_mm2) info.physics.b_value_s_per_mm2 = verdict.b_value_s_per_mm2;
    study.series.push_back(std::move(info));
  }
  std::move(stacks.left_out.begin(), stacks.left_out.end(), std::back_inserter(study.left_out));
  std::move(stacks.caveats.begin(), stacks.caveats.end(), std::back_inserter(caveats));
}

void FinishSeries(const SelectionRules& rules, Study& study, std::vector<Caveat>& caveats) {
  TellDiffusionAtZero(study);
  std::stable_sort(study.series.begin(), study.series.end(),
                   [](const SeriesInfo& a, const SeriesInfo& b) {
                     return std::tie(a.series_number, a.series_instance_uid, a.stack) <
                            std::tie(b.series_number, b.series_instance_uid, b.stack);
                   });
  JoinPackages(rules.stacks, study, caveats);
  SaySharedUids(study, caveats);
}

}  // namespace osteon
