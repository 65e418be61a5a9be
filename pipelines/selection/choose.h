// SPDX-License-Identifier: GPL-3.0-or-later
// Which series of a study are analysed, and whether it is a whole-body MRI at all. Pure: headers
// in, choice out; every series gets a reason in words.
#pragma once

#include <string>
#include <vector>

#include "pipelines/base/phrase.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"

namespace osteon {

// All numbers are chosen, with the reason given, unless another source is named. Lengths run head
// to foot where nothing else is said.
struct ChooseOptions {
  // A whole body covers at least this length, or this share of the patient's height: about vertex
  // to knees ...
  double min_coverage_mm = 800;
  double min_coverage_of_height = 0.70;
  // ... in one composed series or at least this many stations, unless the share of the height is
  // known to be reached: two stations may be a small child ...
  std::size_t min_stations = 3;
  // ... and is at least this wide from right to left: a sagittal spine is as long but less wide.
  double min_width_mm = 200;
  // After the waiting time for missing stations this length is enough; the report says so.
  double min_coverage_incomplete_mm = 500;
  // A shorter series is a joint or a head, to which no stations will come.
  double min_station_mm = 250;
  // A longer series is composed: scanners image some 500 mm at once. A shorter one is when its
  // description says so.
  double composed_min_extent_mm = 550;
  std::vector<std::string> composed_words = {"composed", "composing", "comp",   "stitch*",
                                             "mobiview", "pasted",    "pasting"};
  // Stations of one acquisition agree within these relative differences: in spacing, in TE and TI,
  // and in TR, which respiratory triggering and SAR limits change from station to station (at 3 s
  // and more without changing the contrast). A series that agrees less completes a group where it
  // adds length (station_groups.h).
  double same_spacing_share = 0.02, same_te_ti_share = 0.05, same_tr_share = 0.30;
  // Stations that overlap by more than this share of both are repeats: the later one is taken.
  double repeat_share = 0.80;
  // A series of the same contrast and plane completes a group when it adds this length, and this
  // share of its own; one that adds less is another image of the same place.
  double min_added_mm = 30, min_added_share = 0.40;
  // Stations in different frames of reference are joined when the gap between them and their shift
  // to the side or to the back are below these: a hand's breadth, as far as a patient is
  // off-centre.
  double max_frame_gap_mm = 50, max_frame_shift_mm = 60;
  // Stations are preferred to a composed series that covers up to this much more.
  double stations_may_lack_mm = 20;
  // Diffusion images with a lower b-value are not used: whole-body protocols take 800 to 1000
  // s/mm2.
  double min_b_high_s_per_mm2 = 400;
  // Where the header has no height, a child's is 770 mm + 60 mm a year between these ages, years
  // (Weech's formula as in paediatric textbooks); at other ages only min_coverage_mm counts.
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

// What a study is to this program.
enum class Eligibility {
  kWholeBody,
  kNotWholeBody,  // Another examination: skipped, no error.
  kDamaged,  // No usable whole-body series, but a series could not be read: a person must look.
};

struct Selection {
  Eligibility eligibility = Eligibility::kNotWholeBody;
  std::string reason;   // English, one sentence, for kNotWholeBody and kDamaged.
  Phrases why;          // The same with codes.
  SeriesChoice choice;  // `reasons` is always filled; the rest only for kWholeBody.
  // For each of choice.reasons the same with codes. What TellContrast said has the code "contrast".
  std::vector<Phrases> series_why;
  // Length of the longest STIR or water image, and the length a whole body of this patient needs.
  double coverage_mm = 0, needed_mm = 0;
  // A series is as long and wide as a station, so more stations could make it a whole body.
  bool may_grow = false;
  // What was left out, joined or guessed, for the report.
  std::vector<Caveat> caveats;
};

Selection ChooseSeries(const Study& study, const ChooseOptions& options,
                       Completeness wanted = Completeness::kWholeBody);

}  // namespace osteon
