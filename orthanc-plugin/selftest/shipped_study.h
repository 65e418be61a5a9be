// SPDX-License-Identifier: GPL-3.0-or-later
// The study that the plugin carries for its self-test (pipelines/phantom/draw_selftest.cc).
#pragma once

#include "pipelines/truth/packed_study.h"

namespace osteon::plugin {

// Its files lie in the plugin itself.
const PackedStudy& ShippedStudy();

}  // namespace osteon::plugin
