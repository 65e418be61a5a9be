// SPDX-License-Identifier: GPL-3.0-or-later
// Which series of a study are analysed, and whether it is a whole-body MRI at all. Pure: headers
// in, choice out; every series gets a reason in words. Thresholds: domain.md 1.3, steps 2 to 4.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/study.h"

namespace osteon {

struct ChooseOptions {
  // Whole body: head-foot coverage of at least this, or of this share of the patient's height ...
  double min_coverage_mm = 800;
  double min_coverage_of_height = 0.70;
  // ... from one composed series or at least this many stations ...
  std::size_t min_stations = 3;
  // ... as wide as a trunk: a sagittal spine is as long as a body but a hand wide.
  double min_width_mm = 200;
  // A series longer than this is composed: no magnet images more at once. Below it words tell.
  double composed_min_extent_mm = 550;
  std::vector<std::string> composed_words = {"compos", "stitch", "mobiview", "pasted"};
  // Stations of one group agree in spacing, in TE and TI, and in TR (which respiratory triggering
  // and SAR limits vary from station to station while the contrast, at 3 s and more, does not
  // change), by these relative amounts.
  double same_spacing_share = 0.02, same_te_ti_share = 0.05, same_tr_share = 0.30;
  // Stations that overlap by more than this share of their length are repeats: the later one is
  // taken.
  double repeat_share = 0.80;
  // Stations are preferred over a composed series that covers more than they do by no more than
  // this.
  double stations_may_lack_mm = 20;
  // Only diffusion images at or above this are used.
  double min_b_high_s_per_mm2 = 400;
  // Where the height is not in the header, a child's is taken as 770 mm + 60 mm a year from 2 to 12
  // years (Weech's formula as in paediatric textbooks); younger and older only the absolute length
  // counts.
  double weech_min_years = 2, weech_max_years = 12;
};

// What a study is, as far as this program is concerned.
enum class Eligibility {
  kWholeBody,
  kNotWholeBody,  // Something else, and fine as it is: skipped, not failed.
  kDamaged,  // No usable whole-body series, but one or more could not be read: a person must look.
};

struct Selection {
  Eligibility eligibility = Eligibility::kNotWholeBody;
  std::string reason;   // English, one sentence, for kNotWholeBody and kDamaged.
  SeriesChoice choice;  // `reasons` is always filled; the rest only for kWholeBody.
};

Selection ChooseSeries(const Study& study, const ChooseOptions& options);

}  // namespace osteon
