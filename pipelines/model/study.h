// SPDX-License-Identifier: GPL-3.0-or-later
// The series of one study as read, their physics and geometry, and the source of each slice.
// Patient identity is not here; the DICOM writers copy it from a source file
// (`FrameSource::path`) when they write.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/model/volume.h"

namespace osteon {

// The image contrast, by physics first and text second (pipelines/selection/contrast.h).
enum class Contrast {
  kStir,        // STIR, TIRM and other fat-nulled inversion recovery.
  kDixonWater,  // T2 TSE Dixon water image, used in place of STIR.
  kT1,
  kT1PostContrast,
  kDiffusion,  // A trace image at `b_value`.
  kAdc,
  kOther,
};
std::string_view Name(Contrast contrast);

// How a series was acquired. Times in ms; absent when the file does not state them.
struct Physics {
  std::optional<double> repetition_time_ms, echo_time_ms, inversion_time_ms;
  std::optional<double> field_strength_t;
  std::optional<double> b_value_s_per_mm2;
  std::string manufacturer;       // As in the file, trimmed.
  std::string scanning_sequence;  // "SE\\IR", backslash-separated as in DICOM.
  std::string
      sequence_name;  // Sequence Name (0018,0024) or Pulse Sequence Name (0018,9005): "*tir2d1_15".
  std::string protocol_name;  // Protocol Name (0018,1030).
  std::string scan_options;
  std::string image_type;         // "DERIVED\\PRIMARY\\M\\COMP".
  std::string complex_component;  // Complex Image Component (0008,9208) of enhanced objects:
                                  // "PHASE"; else empty.
  std::string
      acquisition_contrast;     // (0008,9209) of enhanced objects: "STIR", "T1" ...; else empty.
  bool contrast_agent = false;  // Contrast/Bolus Agent (0018,0010) is not empty.
};

// One frame of one SOP instance: a slice of a volume.
struct FrameSource {
  std::string series_instance_uid;  // Of the file: a volume may be made of two series (odd and even
                                    // slices).
  std::string sop_class_uid;
  std::string sop_instance_uid;
  int frame_number = 1;  // From 1, as DICOM counts. 1 for a classic single-frame instance.
  std::filesystem::path path;

  // A slice that the files do not have: its voxels are interpolated, and nothing is found in it or
  // refers to it.
  bool missing() const { return sop_instance_uid.empty(); }
};

// A series as its headers describe it, without pixel data. One frame of reference, one orientation,
// one stack; a series with several (enhanced localisers, several b-values) becomes several
// SeriesInfo with the same series UID.
struct SeriesInfo {
  std::string series_instance_uid;
  int stack = 0;  // Which of the stacks of this series, from 0.
  int series_number = 0;
  std::string modality;
  std::string description;
  std::string patient_position;  // HFS ... for display only; geometry comes from the cosines.
  Physics physics;
  Contrast contrast = Contrast::kOther;
  std::string contrast_reason;  // The rule that decided: "IR, TI 165 ms, TE 70 ms".
  std::string
      contrast_guess;  // What was assumed because the header does not state it; empty when it does.
  VolumeGeometry geometry;  // Slices sorted along +k; regular within tolerance.
  double slice_thickness_mm = 0;
  std::vector<FrameSource> frames;  // frames[k] is slice k; see FrameSource::missing().
};

// One study. `left_out` names each file or series that was left out, and why.
struct Study {
  std::string study_instance_uid;
  std::string study_date;           // YYYYMMDD or empty.
  std::optional<double> age_years;  // From birth date and study date, or PatientAge.
  std::optional<double> height_mm;  // PatientSize.
  std::vector<SeriesInfo> series;   // By series number, then UID, then stack.
  struct LeftOut {
    std::string what;
    std::string reason;
    // Images of a contrast that is used, so that something is missing.
    bool damaged = false;
    Contrast contrast = Contrast::kOther;  // Of damaged images.
    double head_foot_mm = 0;  // How much of the body they show, where that is known; else 0.
  };
  std::vector<LeftOut> left_out;
};

// One stack with its pixels, rescaled to floating point; not-a-number where the file has none
// (padding).
struct ImageVolume {
  SeriesInfo info;
  Volume<float> voxels;
};

// The series this analysis is made from, by index into Study::series.
struct SeriesChoice {
  std::vector<std::size_t> stir;  // One composed series, or the stations head first.
  bool stations = false;
  std::vector<std::size_t> t1, t1_post_contrast, diffusion, adc;
  struct Reason {
    std::size_t series;
    bool taken = false;
    std::string text;
  };
  std::vector<Reason> reasons;  // One for every series of the study.
  double coverage_mm = 0;       // Head-foot extent of the union of the STIR series.
};

// Another contrast on the grid of the STIR. Voxels that were not imaged are 0 and must not be used.
struct OtherContrast {
  Volume<float> voxels;
  // 1 where a series has a value. 0 in padding and where the value is 0: noise leaves no zeros in a
  // magnitude image and no tissue has an ADC of 0; scanners and workstations write it for "no
  // value".
  Volume<std::uint8_t> imaged;

  bool empty() const { return voxels.empty(); }
};

// The whole body on one grid, with coil bias and station gains corrected: coronal slices, columns
// from the patient's right to left (+i), rows from head to foot (+j), slices from front to back
// (+k).
struct ComposedVolume {
  Volume<float> stir;  // Arbitrary units; bias and station gains corrected; 0 where not inside.
  Volume<std::uint8_t> inside;  // 1 where a station has a voxel, 0 in padding.
  // Which source frame gave voxel row j of slice k: sources[k] lists row ranges in head-foot order.
  struct RowRange {
    int first_row = 0, end_row = 0;  // [first, end) of the composed grid.
    std::size_t series = 0;          // Index into Study::series.
    std::size_t frame = 0;           // Index into its frames.
  };
  std::vector<std::vector<RowRange>> sources;
  // Empty when the study has none. ADC in um2/s (10^-6 mm2/s).
  OtherContrast t1, t1_post_contrast, b_high, adc;
  double b_high_s_per_mm2 = 0;
};

}  // namespace osteon
