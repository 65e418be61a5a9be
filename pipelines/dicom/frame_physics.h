// SPDX-License-Identifier: GPL-3.0-or-later
// How a frame was made, from classic, enhanced and legacy-converted headers alike. Shows DCMTK
// (attributes.h).
#pragma once

#include "pipelines/dicom/attributes.h"
#include "pipelines/model/study.h"

namespace osteon {

Physics ReadPhysics(const FrameAttributes& attributes);

}  // namespace osteon
