// SPDX-License-Identifier: GPL-3.0-or-later
// How a frame was made, from classic, enhanced and legacy-converted headers alike.
#pragma once

#include "pipelines/model/study.h"
#include "pipelines/selection/attribute_source.h"

namespace osteon {

// A time counts as absent when it is outside plausible limits, one of several values, or
// contradicts the other times (TE or TI not below TR): archives and de-identifiers write such
// values. b-values come from the standard attribute or from Siemens', GE's, Philips' and United
// Imaging's private ones.
Physics ReadPhysics(const AttributeSource& attributes);

}  // namespace osteon
