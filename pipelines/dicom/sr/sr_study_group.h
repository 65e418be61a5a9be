// SPDX-License-Identifier: GPL-3.0-or-later
// The group of the whole study.
#pragma once

#include "pipelines/dicom/sr/sr_groups.h"
#include "pipelines/dicom/sr/sr_item.h"

namespace osteon {

// TID 1501 with the number of lesions, their volume, and what the next report compares with.
SrItem StudyGroup(const SrContext& context);

}  // namespace osteon
