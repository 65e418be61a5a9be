// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/evaluate/match.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "pipelines/evaluate/sites.h"

namespace osteon {
namespace {

struct CellHash {
  std::size_t operator()(const Cell& c) const {
    const auto mix = [](std::uint64_t h, int v) {
      return (h ^ static_cast<std::uint32_t>(v)) * 0x9E3779B97F4A7C15ULL;
    };
    return static_cast<std::size_t>(mix(mix(mix(0, c.x), c.y), c.z) >> 16U);
  }
};

// Which lesion a cell is in; where two overlap, the first.
using LesionAt = std::unordered_map<Cell, std::size_t, CellHash>;

struct Step {
  Cell offset;
  double distance_mm;
};

// All cells within reach, nearest first; a fixed order among equals.
std::vector<Step> Ball(double reach_mm) {
  const int reach = static_cast<int>(std::floor(reach_mm / kCellMm));
  std::vector<Step> steps;
  for (int x = -reach; x <= reach; ++x) {
    for (int y = -reach; y <= reach; ++y) {
      for (int z = -reach; z <= reach; ++z) {
        const double mm = kCellMm * Norm({static_cast<double>(x), static_cast<double>(y),
                                          static_cast<double>(z)});
        if (mm <= reach_mm) steps.push_back({{x, y, z}, mm});
      }
    }
  }
  std::stable_sort(steps.begin(), steps.end(),
                   [](const Step& a, const Step& b) { return a.distance_mm < b.distance_mm; });
  return steps;
}

// How one mark overlaps each lesion.
struct Contact {
  bool any = false;                  // Some lesion is within the false-positive distance.
  std::vector<std::size_t> matched;  // Lesions it finds, ascending.
};

class Matcher {
 public:
  Matcher(const std::vector<Region>& truth, const MatchRules& rules)
      : truth_(truth), rules_(rules), ball_(Ball(rules.false_positive_beyond_mm)) {
    for (std::size_t n = 0; n < truth.size(); ++n) {
      for (const Cell& cell : truth[n].cells) lesion_at_.emplace(cell, n);
    }
  }

  Contact ContactOf(const CellSet& mark) const {
    Contact contact;
    std::vector<std::size_t> near(
        truth_.size());  // Cells within the slack whose nearest lesion it is.
    std::vector<bool> touched(truth_.size());
    for (const Cell& cell : mark) {
      const Step* step = nullptr;
      const std::size_t lesion = NearestLesion(cell, step);
      if (step == nullptr) continue;
      contact.any = true;
      touched[lesion] = true;
      if (step->distance_mm <= rules_.slack_mm) ++near[lesion];
    }
    for (std::size_t n = 0; n < truth_.size(); ++n) {
      const auto size = static_cast<double>(truth_[n].cells.size());
      const double covered = static_cast<double>(CommonCells(truth_[n].cells, mark)) / size;
      const double inside = static_cast<double>(near[n]) / static_cast<double>(mark.size());
      if (covered >= rules_.least_covered || (touched[n] && inside >= rules_.least_inside)) {
        contact.matched.push_back(n);
      }
    }
    return contact;
  }

 private:
  // `step` stays null when there is none within reach.
  std::size_t NearestLesion(const Cell& cell, const Step*& step) const {
    for (const Step& s : ball_) {
      const auto at =
          lesion_at_.find({cell.x + s.offset.x, cell.y + s.offset.y, cell.z + s.offset.z});
      if (at == lesion_at_.end()) continue;
      step = &s;
      return at->second;
    }
    return 0;
  }

  const std::vector<Region>& truth_;
  const MatchRules& rules_;
  std::vector<Step> ball_;
  LesionAt lesion_at_;
};

LesionOutcome Judge(const Region& lesion, const std::vector<const Region*>& found_by) {
  LesionOutcome out;
  out.file = lesion.file;
  out.segment = lesion.segment;
  out.volume_ml = lesion.volume_ml;
  out.site = lesion.site;
  out.side = lesion.side;
  out.found = !found_by.empty();
  if (!out.found) return out;
  const auto any = [&](auto holds) { return std::any_of(found_by.begin(), found_by.end(), holds); };
  const bool has_site = !lesion.site.empty(), has_side = lesion.side != Side::kNone;
  const auto site_agrees = [&](const Region* m) { return SameSite(m->site, lesion.site); };
  const auto side_agrees = [&](const Region* m) { return m->side == lesion.side; };
  if (has_site) out.site_right = any(site_agrees);
  if (has_side) out.side_right = any(side_agrees);
  if (has_site) {
    out.place_right =
        any([&](const Region* m) { return site_agrees(m) && (!has_side || side_agrees(m)); });
  }
  CellSet all;
  for (const Region* mark : found_by) {
    all = UnionOf(all, mark->cells);
    if (mark->probability) {
      out.best_probability = std::max(out.best_probability.value_or(0), *mark->probability);
    }
  }
  out.dice = Dice(lesion.cells, all);
  return out;
}

}  // namespace

std::string_view Name(MarkKind kind) {
  switch (kind) {
    case MarkKind::kHit:
      return "hit";
    case MarkKind::kBeside:
      return "beside";
    case MarkKind::kFalsePositive:
      return "false_positive";
  }
  return "hit";
}

StudyOutcome MatchStudy(const std::vector<Region>& truth, const std::vector<Region>& marks,
                        double least_ml, const MatchRules& rules) {
  const Matcher matcher(truth, rules);
  std::vector<std::vector<const Region*>> found_by(truth.size());
  StudyOutcome out;
  for (const Region& mark : marks) {
    const Contact contact = matcher.ContactOf(mark.cells);
    for (const std::size_t n : contact.matched) found_by[n].push_back(&mark);
    const MarkKind kind = !contact.matched.empty() ? MarkKind::kHit
                          : contact.any            ? MarkKind::kBeside
                                                   : MarkKind::kFalsePositive;
    out.marks.push_back(
        {mark.file, mark.segment, mark.volume_ml, mark.site, mark.side, mark.probability, kind});
  }
  for (std::size_t n = 0; n < truth.size(); ++n) {
    if (truth[n].volume_ml >= least_ml) out.lesions.push_back(Judge(truth[n], found_by[n]));
  }
  return out;
}

}  // namespace osteon
