// SPDX-License-Identifier: GPL-3.0-or-later
// Which series of a study are analysed, and whether it is a whole-body MRI at all. Pure: headers
// in, choice out; every series gets a reason in words.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"

namespace osteon {

struct ChooseOptions {
  // Whole body: head-foot coverage of at least this, or of this share of the patient's height ...
  double min_coverage_mm = 800;
  double min_coverage_of_height = 0.70;
  // ... from one composed series or at least this many stations, unless the share of the height is
  // known to be reached: two stations are a small child ...
  std::size_t min_stations = 3;
  // ... as wide as a trunk: a sagittal spine is as long as a body but a hand wide.
  double min_width_mm = 200;
  // After the waiting time for missing stations this coverage is enough; the report says so.
  double min_coverage_incomplete_mm = 500;
  // A series shorter than this is a joint or a head, to which no stations will come.
  double min_station_mm = 250;
  // A series longer than this is composed: no magnet images more at once. Below it words tell.
  double composed_min_extent_mm = 550;
  std::vector<std::string> composed_words = {"composed", "composing", "comp",   "stitch*",
                                             "mobiview", "pasted",    "pasting"};
  // Stations of one acquisition agree in spacing, in TE and TI, and in TR (which respiratory
  // triggering and SAR limits vary from station to station while the contrast, at 3 s and more,
  // does not change), by these relative amounts. What agrees less completes a group where it adds
  // length (station_groups.h).
  double same_spacing_share = 0.02, same_te_ti_share = 0.05, same_tr_share = 0.30;
  // Stations that overlap by more than this share of both their lengths are repeats: the later one
  // is taken.
  double repeat_share = 0.80;
  // A series of the same contrast and plane completes a group when it adds this much length, and
  // this share of its own.
  double min_added_mm = 30, min_added_share = 0.40;
  // Stations in frames of reference of their own are joined where their positions continue each
  // other: a gap or a shift to the side of at most this.
  double max_frame_gap_mm = 50, max_frame_shift_mm = 60;
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

// The contrasts in which lesions are looked for.
inline bool MayBeTheBody(Contrast contrast) {
  return contrast == Contrast::kStir || contrast == Contrast::kDixonWater;
}

// Studies may be judged before they are complete.
enum class Completeness {
  kWholeBody,   // Less is not a whole-body MRI.
  kIncomplete,  // The waiting time is over: min_coverage_incomplete_mm is enough.
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
  // Of the longest STIR or water image there is, and what a whole body of this patient needs.
  double coverage_mm = 0, needed_mm = 0;
  // More stations could make it a whole body: there is one as long and wide as a station.
  bool may_grow = false;
  // What was left out, joined or guessed, for the report.
  std::vector<Caveat> caveats;
};

Selection ChooseSeries(const Study& study, const ChooseOptions& options,
                       Completeness wanted = Completeness::kWholeBody);

}  // namespace osteon
