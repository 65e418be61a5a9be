// SPDX-License-Identifier: GPL-3.0-or-later
// A left knee as the skeleton stage would give it, and lesions in it.
#pragma once

#include <algorithm>
#include <cmath>

#include "pipelines/model/bone_units.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"
#include "pipelines/stages/skeleton/skeleton_classes.h"
#include "pipelines/stages/skeleton/unit_frames.h"
#include "tests/pipelines/stages/detect/coronal_grid.h"

namespace osteon::testing {

inline UnitId Id(const char* key) { return *UnitByKey(key); }

// Two bones one above the other in muscle: a left distal femur and a left proximal tibia that meet
// at coarse row 40.
struct Knee {
  ComposedVolume volume;
  Skeleton skeleton;
};

inline Knee MakeKnee() {
  Knee knee;
  const VolumeGeometry coarse = CoronalGrid(60, 80, 8, 4), fine = CoronalGrid(120, 160, 8, 2);
  TissueMaps& maps = knee.skeleton.maps;
  maps.tissue = Volume<std::uint8_t>(coarse);
  maps.bone_class = Volume<std::uint8_t>(coarse);
  maps.bone = Volume<float>(coarse);
  maps.near_units = Volume<UnitId>(coarse);
  maps.midline_column.assign(static_cast<std::size_t>(coarse.rows), 29.5);  // Of the image.
  maps.relative = Volume<float>(fine, 1.0F);
  maps.lesion = Volume<float>(fine, 0.01F);
  for (int k = 1; k < 7; ++k) {
    for (int j = 5; j < 75; ++j) {
      for (int i = 36; i < 48; ++i) {
        const bool femur = j < 40;
        const auto c = static_cast<std::uint8_t>(femur ? TissueClass::kFemur : TissueClass::kLeg);
        maps.tissue.At(i, j, k) = maps.bone_class.At(i, j, k) = c;
        maps.bone.At(i, j, k) = 0.95F;
        maps.near_units.At(i, j, k) = Id(femur ? "femur_distal_left" : "tibia_proximal_left");
        for (int s = 0; s < 4; ++s) maps.relative.At(2 * i + s % 2, 2 * j + s / 2, k) = 0.4F;
      }
    }
  }
  knee.skeleton.units = maps.near_units.Clone();
  knee.skeleton.frames = MeasureUnits(maps.near_units, maps.bone);
  knee.volume.stir = Volume<float>(coarse, 100.0F);
  return knee;
}

// A bright ball with a soft edge: signal and evidence as the network would give them.
inline void AddLesion(TissueMaps& maps, double i0, double j0, double k0, double radius_mm,
                      float signal, float evidence) {
  const VolumeGeometry& g = maps.relative.geometry();
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        const double d = std::hypot(2 * (i - i0), 2 * (j - j0), 6 * (k - k0)) - radius_mm;
        const auto share = static_cast<float>(std::clamp(0.5 - d / 4, 0.0, 1.0));
        if (share <= 0) continue;
        maps.relative.At(i, j, k) =
            std::max(maps.relative.At(i, j, k), 0.4F + share * (signal - 0.4F));
        maps.lesion.At(i, j, k) = std::max(maps.lesion.At(i, j, k), share * evidence);
      }
    }
  }
}

// The composed STIR from which the relative signal would be computed: muscle is 100.
inline void ComposeStir(Knee& knee) {
  const Volume<float>& relative = knee.skeleton.maps.relative;
  Volume<float>& stir = knee.volume.stir;
  const VolumeGeometry& g = stir.geometry();
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) stir.At(i, j, k) = 100 * relative.At(2 * i, 2 * j, k);
    }
  }
}

}  // namespace osteon::testing
