// SPDX-License-Identifier: GPL-3.0-or-later
// What was read: the series of one study, their physics and geometry, and where each slice came
// from. Patient identity is not here; the DICOM writers copy it from a source file
// (`FrameSource::path`) when they write.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/model/volume.h"

namespace osteon {

// The image contrast as told by physics first and text second (pipelines/selection/contrast.h).
enum class Contrast {
  kStir,        // STIR, TIRM and other fat-nulled inversion recovery.
  kDixonWater,  // T2 TSE Dixon water image, an accepted stand-in for STIR.
  kT1,
  kT1PostContrast,
  kDiffusion,  // A trace image at `b_value`.
  kAdc,
  kOther,
};
std::string_view Name(Contrast contrast);

// What is known of how a series was made. Times in ms; absent when the file does not say.
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

  // A slice that the files do not have: its voxels are interpolated, nothing may be found or
  // referenced there.
  bool missing() const { return sop_instance_uid.empty(); }
};

// The series as files say it, before pixel data is loaded. One frame-of-reference, one orientation,
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
  std::string contrast_reason;  // Which rule said so: "IR, TI 165 ms, TE 70 ms".
  std::string
      contrast_guess;  // What was assumed because the header does not state it; empty when it does.
  VolumeGeometry geometry;  // Slices sorted along +k; regular within tolerance.
  double slice_thickness_mm = 0;
  std::vector<FrameSource> frames;  // frames[k] is slice k; see FrameSource::missing().
};

// One study. `unusable` names each file or series that was left out and why.
struct Study {
  std::string study_instance_uid;
  std::string study_date;           // YYYYMMDD or empty.
  std::optional<double> age_years;  // From birth date and study date, or PatientAge.
  std::optional<double> height_mm;  // PatientSize.
  std::vector<SeriesInfo> series;   // By series number, then UID, then stack.
  struct LeftOut {
    std::string what;
    std::string reason;
    // Images of a contrast that is used, which should have been read, as opposed to a thing of no
    // use here.
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

// Another contrast on the grid of the STIR. Outside of what was imaged it says nothing: its voxels
// are 0 there and must not be read.
struct OtherContrast {
  Volume<float> voxels;
  // 1 where some series measured. Not so in padding and where the value is 0, which no noise leaves
  // in a magnitude image and no tissue has as ADC: scanners and workstations write it where they
  // have no value.
  Volume<std::uint8_t> imaged;

  bool empty() const { return voxels.empty(); }
};

// The whole body in one grid, evened. Slices coronal, rows head to foot (+j towards the feet),
// columns from the patient's right to left (+i towards the left), slices from front to back (+k),
// whatever the files' order was.
struct ComposedVolume {
  Volume<float> stir;  // Arbitrary units; bias and station gain evened; 0 where not inside.
  Volume<std::uint8_t> inside;  // 1 where some station imaged; not so in padding.
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
