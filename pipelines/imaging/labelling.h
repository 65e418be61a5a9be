// SPDX-License-Identifier: GPL-3.0-or-later
// Connected components in three dimensions.
#pragma once

#include <cstdint>
#include <vector>

#include "pipelines/model/volume.h"

namespace osteon {

struct Components {
  Volume<std::int32_t>
      labels;  // 0 where the input is 0, else 1..sizes.size() in order of first voxel.
  std::vector<std::size_t> sizes;  // sizes[n] voxels have label n + 1.
};

// Voxels that touch by face, edge or corner (26 neighbours) and hold the same value other than 0.
Components LabelComponents(const Volume<std::uint8_t>& values);

}  // namespace osteon
