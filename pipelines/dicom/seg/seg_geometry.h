// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the position and the segment of each frame of a Segmentation: the part of seg_reader that
// reads functional groups. Only for .cc files of pipelines/dicom, since it shows DCMTK.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dctk.h>

#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/geometry.h"

namespace osteon {

// Both have one entry per frame.
struct SegFramePlan {
  std::vector<Affine> patient_from_voxel;  // As SegPlane::patient_from_voxel.
  std::vector<int> segment_numbers;        // 1..65535; not checked against Segment Sequence.
};

// Errors: as ReadSegmentation, which call the file `name`.
Result<SegFramePlan> PlanSegFrames(DcmItem& dataset, int frames, const std::string& name);

}  // namespace osteon
