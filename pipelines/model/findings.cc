// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/findings.h"

namespace osteon {

std::string_view Name(LesionClass c) {
  switch (c) {
    case LesionClass::kLesion:
      return "lesion";
    case LesionClass::kIndeterminate:
      return "indeterminate";
    case LesionClass::kNormalVariant:
      return "normal_variant";
  }
  return "indeterminate";
}

std::string_view Name(Segment s) {
  switch (s) {
    case Segment::kUnknown:
      return "unknown";
    case Segment::kEpiphysis:
      return "epiphysis";
    case Segment::kMetaphysis:
      return "metaphysis";
    case Segment::kDiaphysis:
      return "diaphysis";
    case Segment::kMedialEnd:
      return "medial_end";
    case Segment::kLateralEnd:
      return "lateral_end";
    case Segment::kFlatBone:
      return "flat_bone";
    case Segment::kVertebra:
      return "vertebra";
  }
  return "unknown";
}

std::string_view Name(PhysisRelation r) {
  switch (r) {
    case PhysisRelation::kNotAssessed:
      return "not_assessed";
    case PhysisRelation::kTouches:
      return "touches";
    case PhysisRelation::kCrosses:
      return "crosses";
    case PhysisRelation::kNear:
      return "near";
    case PhysisRelation::kRemote:
      return "remote";
  }
  return "not_assessed";
}

std::string_view Name(FlagStrength s) { return s == FlagStrength::kStrong ? "strong" : "weak"; }

std::string_view Name(Change c) {
  switch (c) {
    case Change::kNoPrior:
      return "no_prior";
    case Change::kNew:
      return "new";
    case Change::kWorse:
      return "worse";
    case Change::kStable:
      return "stable";
    case Change::kImproved:
      return "improved";
    case Change::kResolved:
      return "resolved";
    case Change::kNotComparable:
      return "not_comparable";
  }
  return "not_comparable";
}

}  // namespace osteon
