// SPDX-License-Identifier: GPL-3.0-or-later
// The header of one frame as plain values, from which stacks, contrasts and the choice of series
// follow.
#pragma once

#include <string>

#include "pipelines/model/study.h"
#include "pipelines/selection/attribute_source.h"
#include "pipelines/selection/frame_kind.h"

namespace osteon {

// One frame of one MR image.
struct FrameHeader {
  FrameSource source;
  std::string file_name;  // Relative to the folder, or empty; for messages.
  std::string series_instance_uid;
  std::string frame_of_reference_uid;  // Empty when the file has none.
  std::string description;
  std::string patient_position;
  int series_number = 0;
  int instance_number = 0;
  int acquisition_number = 0;
  // Enhanced objects (PS3.3 C.7.6.16.2.2); empty and 0 elsewhere.
  std::string stack_id;
  int temporal_position = 0;

  int rows = 0, columns = 0;
  Vec3 position_mm;               // Centre of the first voxel, LPS.
  Vec3 row_direction;             // Unit vector along which the column index grows.
  Vec3 column_direction;          // Unit vector along which the row index grows.
  double column_spacing_mm = 0;   // Between neighbours along row_direction.
  double row_spacing_mm = 0;      // Between neighbours along column_direction.
  double slice_thickness_mm = 0;  // 0 when not stated.
  // As the file states; 0 when it does not. Used only where a stack has one slice, and to tell
  // places apart.
  double spacing_between_slices_mm = 0;
  Physics physics;
  FrameKind kind = FrameKind::kSignal;
};

// Fills all of `frame` but source, file_name and description. Returns what makes the frame
// unusable, naming the attribute; empty when nothing does.
std::string ReadFrame(const AttributeSource& attributes, FrameHeader& frame);

// Why an object is no MR image to analyse; empty when it is one. MR Image Storage, Enhanced MR and
// Legacy Converted Enhanced MR (PS3.4 B.5) count, whatever the modality says, unless Osteon made
// them.
std::string NotAnMrImage(const std::string& sop_class_uid, const std::string& modality,
                         const std::string& manufacturer);

}  // namespace osteon
