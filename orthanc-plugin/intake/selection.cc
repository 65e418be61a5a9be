// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/selection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "pipelines/base/digest.h"

namespace osteon::plugin {
namespace {

// MR Image Storage, Enhanced MR Image Storage, Legacy Converted Enhanced MR Image Storage (DICOM
// PS3.4 B.5).
constexpr std::array<std::string_view, 3> kMrClasses = {
    "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1", "1.2.840.10008.5.1.4.1.1.4.4"};

std::string Plain(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

// Whole components of a backslash-separated DICOM value.
bool HasAny(const std::string& value, const std::vector<std::string>& wanted) {
  const std::string framed = "\\" + value + "\\";
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& one) {
    return framed.find("\\" + one + "\\") != std::string::npos;
  });
}

std::string Join(const std::vector<std::string>& parts, const char* between) {
  std::string joined;
  for (const std::string& part : parts) joined += (joined.empty() ? "" : between) + part;
  return joined;
}

// How one rule fares on one series.
class Match {
 public:
  Match(const SeriesRule& rule, const SeriesEntry& series)
      : text_(series.description + " " + series.protocol) {
    const MrPhysics& physics = series.physics;
    Number("TI", " ms", rule.inversion_time_ms, physics.inversion_time_ms);
    Number("TE", " ms", rule.echo_time_ms, physics.echo_time_ms);
    Number("TR", " ms", rule.repetition_time_ms, physics.repetition_time_ms);
    Number("b", " s/mm2", rule.b_value_s_mm2, physics.b_value_s_mm2);
    Words("scanning sequence", physics.scanning_sequence, rule.sequence_any, rule.sequence_none);
    Words("image type", series.image_type, rule.image_type_any, rule.image_type_none);
    if (rule.contrast_agent && *rule.contrast_agent == series.contrast_agent.empty())
      against_.push_back(*rule.contrast_agent ? "no contrast agent" : "contrast agent given");
    const bool only_text = rule.text && for_.empty() && unknown_.empty();
    if (rule.text && against_.empty() && (only_text || !unknown_.empty())) Text(*rule.text);
    if (rule.text_always && against_.empty()) Text(*rule.text_always);
  }

  // Something in the header lacks and no text stood in for it.
  bool Holds() const {
    return against_.empty() && (unknown_.empty() || text_matched_) && !for_.empty();
  }
  std::size_t Objections() const { return against_.size() + unknown_.size(); }
  std::string WhyNot() const {
    std::vector<std::string> all = against_;
    if (!unknown_.empty()) all.push_back("the header lacks " + Join(unknown_, ", "));
    return Join(all, ", ");
  }
  std::string Why() const { return Join(for_, ", "); }

 private:
  void Number(const char* name, const char* unit, const std::optional<Range>& range,
              const std::optional<double>& value) {
    if (!range) return;
    if (!value) {
      unknown_.push_back(name);
      return;
    }
    const std::string is = std::string(name) + " " + Plain(*value) + unit;
    if (*value >= (*range)[0] && *value <= (*range)[1])
      for_.push_back(is);
    else
      against_.push_back(is + " is not in " + Plain((*range)[0]) + " to " + Plain((*range)[1]));
  }

  void Words(const char* name, const std::string& value, const std::vector<std::string>& any,
             const std::vector<std::string>& none) {
    if (!any.empty()) {
      if (value.empty())
        unknown_.push_back(name);
      else if (HasAny(value, any))
        for_.push_back(std::string(name) + " " + value);
      else
        against_.push_back(std::string(name) + " " + value + " has no " + Join(any, " or "));
    }
    if (HasAny(value, none)) against_.push_back(std::string(name) + " " + value);
  }

  void Text(const TextPattern& pattern) {
    // regex_search recurses; scanner texts are at most 64 characters (LO), longer ones are cut.
    if (text_.size() > 160) text_.resize(160);
    text_matched_ = std::regex_search(text_, pattern.compiled);
    (text_matched_ ? for_ : against_)
        .push_back(std::string("description ") + (text_matched_ ? "matches " : "does not match ") +
                   pattern.source);
  }

  std::string text_;
  std::vector<std::string> for_;
  std::vector<std::string> against_;
  std::vector<std::string> unknown_;
  bool text_matched_ = false;
};

// What no rule can change: not MR pixels, or ours.
std::string Unfit(const SeriesEntry& series) {
  if (IsOwn(series)) return "made by Osteon";
  if (series.modality != "MR")
    return "modality " + (series.modality.empty() ? "missing" : series.modality) + ", not MR";
  if (std::find(kMrClasses.begin(), kMrClasses.end(), series.sop_class_uid) == kMrClasses.end())
    return "SOP class " + (series.sop_class_uid.empty() ? "missing" : series.sop_class_uid) +
           ", not an MR image";
  return {};
}

SeriesVerdict Judge(const SeriesEntry& series, const SelectionRules& rules) {
  SeriesVerdict verdict;
  verdict.reason = Unfit(series);
  if (!verdict.reason.empty()) return verdict;
  const SeriesRule* nearest = nullptr;
  std::string why_not;
  std::size_t fewest = 0;
  for (const SeriesRule& rule : rules.series) {
    const Match match(rule, series);
    if (match.Holds()) {
      verdict.taken = rule.take;
      verdict.covers = rule.take && rule.covers;
      verdict.class_name = rule.class_name;
      verdict.reason = rule.class_name + ": " + match.Why();
      return verdict;
    }
    if (!rule.take || (nearest && match.Objections() >= fewest)) continue;
    nearest = &rule;
    fewest = match.Objections();
    why_not = match.WhyNot();
  }
  verdict.reason = "no rule takes it";
  if (nearest) verdict.reason += "; the nearest is " + nearest->class_name + ", but " + why_not;
  return verdict;
}

// Takes a covering series out of the count again when it is no part of a body length; says so in
// its reason.
void CheckCoverage(const SeriesEntry& series, const WholeBodyRule& rule, SeriesVerdict& verdict) {
  if (!verdict.covers) return;
  const char* why = nullptr;
  if (!series.head_foot_mm)
    why = "its position is not in the header";
  else if (series.plane != Plane::kCoronal && series.plane != Plane::kAxial)
    why = "neither coronal nor axial";
  else if ((*series.head_foot_mm)[1] - (*series.head_foot_mm)[0] < rule.min_station_mm)
    why = "too short for a station";
  if (!why) return;
  verdict.covers = false;
  verdict.reason += std::string("; does not count as body length: ") + why;
}

double UnionLength(std::vector<std::array<double, 2>> ranges) {
  std::sort(ranges.begin(), ranges.end());
  double length = 0;
  double end = -HUGE_VAL;
  for (const auto& [from, to] : ranges) {
    if (to <= end) continue;
    length += to - std::max(from, end);
    end = to;
  }
  return length;
}

double NeededExtentMm(const StudyEntry& study, const WholeBodyRule& rule) {
  // A size outside of this is a typing error (often centimetres).
  const bool plausible =
      study.patient_size_m && *study.patient_size_m >= 0.4 && *study.patient_size_m <= 2.3;
  if (!plausible) return rule.min_extent_mm;
  return std::min(rule.min_extent_mm, rule.min_share_of_height * *study.patient_size_m * 1000);
}

// The Orthanc id is that of patient and study together: the same images under two patients are two
// inputs.
std::string HashInputs(const std::string& study_id, std::vector<std::string> uids) {
  std::sort(uids.begin(), uids.end());
  uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
  Digest digest(DigestKind::kSha256);
  digest.Update(study_id + "\n");
  for (const std::string& uid : uids) digest.Update(uid + "\n");
  return digest.FinishHex();
}

std::string Summary(const StudyEntry& study, const Selection& selection) {
  std::size_t mr = 0;
  std::vector<std::string> modalities;
  for (const SeriesEntry& series : study.series) {
    if (series.modality == "MR") ++mr;
    if (std::find(modalities.begin(), modalities.end(), series.modality) == modalities.end())
      modalities.push_back(series.modality);
  }
  if (study.series.empty()) return "the study has no images";
  if (mr == 0) return "not an MRI study: it has only " + Join(modalities, ", ");
  std::size_t covering = 0;
  for (const SeriesVerdict& verdict : selection.series) covering += verdict.covers ? 1 : 0;
  if (covering == 0)
    return "not a whole-body MRI: none of its " + std::to_string(mr) +
           " MR series is a STIR or Dixon water image of body length in coronal or axial slices";
  return std::to_string(covering) + " STIR or Dixon water series cover " +
         Plain(std::round(selection.extent_mm)) + " mm of the body, " +
         Plain(std::round(selection.needed_mm)) + " mm make a whole-body study";
}

}  // namespace

Selection Select(const StudyEntry& study, const SelectionRules& rules) {
  Selection selection;
  std::vector<std::string> uids;
  std::vector<std::array<double, 2>> ranges;
  for (const SeriesEntry& series : study.series) {
    SeriesVerdict verdict = Judge(series, rules);
    CheckCoverage(series, rules.whole_body, verdict);
    if (verdict.covers) ranges.push_back(*series.head_foot_mm);
    if (verdict.taken) {
      selection.taken_instances += series.instances.size();
      for (const InstanceEntry& instance : series.instances)
        uids.push_back(instance.sop_instance_uid);
    }
    selection.series.push_back(std::move(verdict));
  }
  selection.extent_mm = UnionLength(std::move(ranges));
  selection.needed_mm = NeededExtentMm(study, rules.whole_body);
  selection.inputs_hash = HashInputs(study.orthanc_id, std::move(uids));
  selection.summary = Summary(study, selection);
  return selection;
}

}  // namespace osteon::plugin
