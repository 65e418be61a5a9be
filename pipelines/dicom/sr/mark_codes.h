// SPDX-License-Identifier: GPL-3.0-or-later
// Codes of a mark's class, segment, relation to the growth plate and change, for the writer and the
// reader of reports.
#pragma once

#include "pipelines/model/concepts.h"
#include "pipelines/model/findings.h"

namespace osteon {

Code CodeOf(LesionClass judgement);
Code CodeOf(Segment segment);
Code CodeOf(PhysisRelation relation);
Code CodeOf(Change change);

}  // namespace osteon
