// SPDX-License-Identifier: GPL-3.0-or-later
// Voxels by their index in memory, and statistics of their values, for the features.
#pragma once

#include <vector>

#include "pipelines/model/skeleton.h"
#include "pipelines/model/volume.h"
#include "pipelines/model/voxels.h"

namespace osteon {

// Probability from which a coarse voxel counts as bone. Chosen: bone is likelier than not.
inline constexpr float kBone = 0.5F;
// The value of a distance that does not exist, mm: beyond all that are measured.
inline constexpr double kNoDistanceMm = 99;

// LowerQuantile(), 0 of none.
double Quantile(std::vector<float> values, double share);

// 0 of none.
double Mean(const std::vector<float>& values);

std::vector<float> ValuesAt(const Volume<float>& volume, const std::vector<std::size_t>& voxels);

// Fine voxels lie two by two on coarse ones.
std::size_t CoarseIndex(const TissueMaps& maps, std::size_t fine);

}  // namespace osteon
