// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/vertebra_height.h"

namespace osteon {

Lesion WithVertebraHeight(Lesion lesion, const ComposedVolume&, const Skeleton&) {
  const bool spine = UnitOf(lesion.unit).group == "spine";
  lesion.height_loss_percent =
      Measured::NotAssessed(spine ? "vertebral levels are not told apart" : "not a vertebra");
  return lesion;
}

}  // namespace osteon
