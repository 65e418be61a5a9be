// SPDX-License-Identifier: GPL-3.0-or-later
// A prior and a present report of one tibia.
#pragma once

#include <gtest/gtest.h>

#include "pipelines/stages/followup/compare.h"
#include "tests/pipelines/stages/lesion_scene.h"

namespace osteon::testing {

// A tibia of 400 mm: 100, 200, 100.
inline std::vector<UnitFrame> Tibia() {
  std::vector<UnitFrame> frames;
  for (const auto& [key, length] : {std::pair{"tibia_proximal_left", 100.0},
                                    {"tibia_diaphysis_left", 200.0},
                                    {"tibia_distal_left", 100.0}}) {
    UnitFrame frame;
    frame.unit = *UnitByKey(key);
    frame.length_mm = length;
    frames.push_back(frame);
  }
  return frames;
}

inline Findings Now(std::vector<Lesion> lesions) {
  Findings f;
  f.lesions = std::move(lesions);
  f.unit_frames = Tibia();
  return f;
}

inline PriorReport Prior(std::vector<Lesion> lesions) {
  PriorReport prior;
  prior.reference.study_instance_uid = "1.2.3";
  prior.reference.study_date = "20260101";
  prior.lesions = std::move(lesions);
  for (Lesion& lesion : prior.lesions) {
    lesion.tracking_uid += "9";
    lesion.tracking_id = "then " + lesion.tracking_id;
  }
  return prior;
}

inline Findings Compared(Findings now, const PriorReport& prior) {
  Result<Findings> compared = CompareWithPrior(std::move(now), prior, {});
  EXPECT_TRUE(compared.ok());
  return std::move(*compared);
}

inline std::string Codes(const Lesion& lesion) {
  std::string codes;
  for (const ChangeReason& reason : lesion.change_reasons) codes += reason.code + " ";
  return codes;
}

inline Lesion Then() { return Reported("tibia_distal_left", 0.5, 4); }

}  // namespace osteon::testing
