// SPDX-License-Identifier: GPL-3.0-or-later
// A small study with known lesions for tests of the report writers; nothing is analysed. The body
// is a function of the point in the patient, so source series of any plane and the composed volume
// show the same.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/report.h"

namespace osteon::testing {

// Added to a point of the present images, it gives the point in the prior images.
inline constexpr Vec3 kThen{24, 16, -36};

struct CaseOptions {
  // Of the source and of the composed volume; "" and others for images that have no right one.
  std::string frame_of_reference_uid = "2.25.329800735698586629295641978511506172919";
  std::string plane = "coronal";  // coronal, sagittal, axial, oblique
  std::string position =
      "HFS";              // HFS, FFS, DECUBITUS: turns the image axes as such scans have them
  bool stations = false;  // Two series with an overlap; coronal only.
  bool enhanced = false;  // One multi-frame instance instead of one instance a slice.
  bool evaluable = true;
  bool contrasts = false;  // T1 before and after contrast medium, and ADC.
  bool prior = false;      // Changes, a resolved lesion, a prior report.
  bool then = false;       // With `prior`: its images, three times as bright, moved by kThen.
  int lesions = 6;         // 0..38
  bool mark = true;        // Of more than two lesions the last one is indeterminate.
  int variants = 0;        // Of the others the last ones are normal variants.
  double slice_mm = 0;     // Between slices of the source; 0: twice voxel_mm.
  double voxel_mm = 4;     // In plane; slices are twice as thick.
  std::string patient_name = "Test^Patient";
};

struct ReportCase {
  Study study;
  SeriesChoice choice;
  ComposedVolume composed;
  LesionMap lesions;
  Findings findings;
  std::optional<ComposedVolume> then;  // Of the prior study.
  std::vector<Vec3> centres_mm;        // Of findings.lesions: what every object must agree with.

  AnalysedStudy Analysed() const {
    return {study, choice, composed, lesions, findings, then ? &*then : nullptr};
  }
};

// Writes the source instances below `folder` and returns the values an analysis of them would have.
Result<ReportCase> MakeReportCase(const std::filesystem::path& folder, const CaseOptions& options);

// Fingerprint and pipeline identity of the tests.
ReportOptions TestReportOptions();

}  // namespace osteon::testing
