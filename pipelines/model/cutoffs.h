// SPDX-License-Identifier: GPL-3.0-or-later
// The cut-offs that a report decides by, as constants: cutoffs::kMinLesionMl is "min_lesion_ml" of
// config/bones_and_cutoffs.json, which has value, unit, meaning and source of each.
// cutoffs::kVersion is the version of that file.
#pragma once

#include "cutoffs_json.h"  // Generated from config/bones_and_cutoffs.json.
