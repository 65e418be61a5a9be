// SPDX-License-Identifier: GPL-3.0-or-later
// Where each label of a volume lies, so that nobody searches a whole body for one lesion.
#pragma once

#include <cstdint>
#include <vector>

#include "pipelines/model/volume.h"
#include "pipelines/model/voxels.h"

namespace osteon {

// Inclusive.
struct LabelBox {
  VoxelIndex low{1 << 30, 1 << 30, 1 << 30}, high{-1, -1, -1};

  bool empty() const { return high.i < 0; }
  void Add(int i, int j, int k);
};

// The least box around the voxels of each label, at its index; boxes[0] is empty, and so is that of
// a label below the greatest one that no voxel has.
std::vector<LabelBox> LabelBoxes(const Volume<std::uint16_t>& labels);

// visit(i, j, k) for the voxels of the box that have the label, in the order of memory. REQUIRES:
// the box is empty or lies in the volume.
template <typename Visit>
void ForEachInBox(const Volume<std::uint16_t>& labels, int label, const LabelBox& box,
                  Visit visit) {
  for (int k = box.low.k; k <= box.high.k; ++k) {
    for (int j = box.low.j; j <= box.high.j; ++j) {
      for (int i = box.low.i; i <= box.high.i; ++i) {
        if (labels.At(i, j, k) == label) visit(i, j, k);
      }
    }
  }
}

}  // namespace osteon
