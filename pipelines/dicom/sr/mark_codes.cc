// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/sr/mark_codes.h"

namespace osteon {

Code CodeOf(LesionClass judgement) {
  switch (judgement) {
    case LesionClass::kLesion:
      return concepts::kLesion;
    case LesionClass::kIndeterminate:
      return concepts::kIndeterminate;
    case LesionClass::kNormalVariant:
      return concepts::kNormal;
  }
  return concepts::kIndeterminate;
}

Code CodeOf(Segment segment) {
  switch (segment) {
    case Segment::kEpiphysis:
      return concepts::kEpiphysis;
    case Segment::kMetaphysis:
      return concepts::kMetaphysis;
    case Segment::kDiaphysis:
      return concepts::kDiaphysis;
    case Segment::kMedialEnd:
      return concepts::kMedialEnd;
    case Segment::kLateralEnd:
      return concepts::kLateralEnd;
    case Segment::kFlatBone:
      return concepts::kFlatBone;
    case Segment::kVertebra:
      return concepts::kVertebra;
    case Segment::kUnknown:
      break;
  }
  return concepts::kUnknown;
}

Code CodeOf(PhysisRelation relation) {
  switch (relation) {
    case PhysisRelation::kTouches:
      return concepts::kPhysisTouches;
    case PhysisRelation::kCrosses:
      return concepts::kPhysisCrosses;
    case PhysisRelation::kNear:
      return concepts::kPhysisNear;
    case PhysisRelation::kRemote:
      return concepts::kPhysisRemote;
    case PhysisRelation::kNotAssessed:
      break;
  }
  return concepts::kNotEvaluated;
}

Code CodeOf(Change change) {
  switch (change) {
    case Change::kNew:
      return concepts::kChangeNew;
    case Change::kWorse:
      return concepts::kChangeWorse;
    case Change::kStable:
      return concepts::kChangeStable;
    case Change::kImproved:
      return concepts::kChangeImproved;
    case Change::kResolved:
      return concepts::kChangeResolved;
    case Change::kNoPrior:
    case Change::kNotComparable:
      break;
  }
  return concepts::kChangeNotComparable;
}

}  // namespace osteon
