// SPDX-License-Identifier: GPL-3.0-or-later
// Where the frames of a Segmentation are and which segment each belongs to: the part of seg_reader
// that knows functional groups. Shows DCMTK: only for .cc files of pipelines/dicom.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dctk.h>

#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/geometry.h"

namespace osteon {

// One entry a frame, both.
struct SegFramePlan {
  std::vector<Affine> patient_from_voxel;  // As SegPlane::patient_from_voxel.
  std::vector<int> segment_numbers;  // 1..65535; whether there is such a segment is not checked.
};

// Errors as ReadSegmentation's; `name` is what they call the file.
Result<SegFramePlan> PlanSegFrames(DcmItem& dataset, int frames, const std::string& name);

}  // namespace osteon
