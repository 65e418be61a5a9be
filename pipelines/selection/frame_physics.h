// SPDX-License-Identifier: GPL-3.0-or-later
// How a frame was made, from classic, enhanced and legacy-converted headers alike.
#pragma once

#include "pipelines/model/study.h"
#include "pipelines/selection/attribute_source.h"

namespace osteon {

// A time that is zero, negative, absurd, or one of several values is not stated (absent), and so is
// what contradicts the other times: archives and de-identifiers write such values. b-values come
// from the standard attribute or from Siemens', GE's, Philips' and United Imaging's private ones.
Physics ReadPhysics(const AttributeSource& attributes);

}  // namespace osteon
