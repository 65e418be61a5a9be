// SPDX-License-Identifier: GPL-3.0-or-later
// Draws lesions and normal variants into a body.
#pragma once

#include <vector>

#include "pipelines/phantom/body.h"
#include "pipelines/phantom/phantom.h"

namespace osteon::phantom {

// Draws the lesions of the seed, changed as `options.course` says; writes body.oedema and
// body.lesion_id. Returns a row for each lesion, also for those that have resolved (volume 0).
std::vector<PhantomLesion> DrawLesions(const PhantomOptions& options, Body& body);

// Foci in hands and feet, sacral flaring, zones at closing physes (config/evidence.md): mild
// oedema, no truth id. Returns how many were drawn.
int DrawVariants(const PhantomOptions& options, Body& body);

}  // namespace osteon::phantom
