// SPDX-License-Identifier: GPL-3.0-or-later
// Matches the lesions that readers marked in one study with the marks of Osteon.
//
// A lesion is found by a mark that covers at least 10 % of it, or that lies at least 25 % in it,
// counting what is up to 4 mm outside and nearer to no other lesion. A mark with no lesion within 6
// mm is a false positive. Any other mark is "beside": it shows the reader the place without
// overlapping enough, and counts neither for nor against. Overlap decides, not a point, since
// confluent lesions have no centre. All limits are chosen; the slack is about one slice.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/evaluate/lattice.h"
#include "pipelines/model/bone_units.h"

namespace osteon {

struct MatchRules {
  double least_covered = 0.10;
  double least_inside = 0.25;
  double slack_mm = 4;
  double false_positive_beyond_mm = 6;
};

// A segment of either party.
struct Region {
  std::string file;  // Name, for the tables.
  int segment = 0;   // Segment Number.
  double volume_ml = 0;
  std::string site;  // See SitePath; empty when not stated.
  Side side = Side::kNone;
  std::optional<double> probability;  // Of marks, 0..1; nullopt when not known.
  CellSet cells;                      // Not empty.
};

struct LesionOutcome {
  std::string file;
  int segment = 0;
  double volume_ml = 0;
  std::string site;
  Side side = Side::kNone;
  bool found = false;
  std::optional<double> best_probability;  // Of the marks that found it.
  // With the union of the marks that found it; a mark over two lesions counts whole for each.
  // nullopt when missed.
  std::optional<double> dice;
  // Whether one of the marks that found it has its site; its side; both. nullopt when missed, or
  // when the reference does not state it. A lesion of an unpaired bone has no side.
  std::optional<bool> site_right, side_right, place_right;
};

enum class MarkKind { kHit, kBeside, kFalsePositive };
std::string_view Name(MarkKind kind);

struct MarkOutcome {
  std::string file;
  int segment = 0;
  double volume_ml = 0;
  std::string site;
  Side side = Side::kNone;
  std::optional<double> probability;
  MarkKind kind = MarkKind::kHit;
};

struct StudyOutcome {
  std::string study_instance_uid;
  // False: Osteon could not assess the study; all its lesions count as missed.
  bool evaluable = true;
  std::vector<LesionOutcome> lesions;
  std::vector<MarkOutcome> marks;
};

// Lesions below `least_ml` are not counted and not in the result, but a mark on one is no false
// positive.
StudyOutcome MatchStudy(const std::vector<Region>& truth, const std::vector<Region>& marks,
                        double least_ml, const MatchRules& rules);

}  // namespace osteon
