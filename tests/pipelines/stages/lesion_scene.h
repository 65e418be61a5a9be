// SPDX-License-Identifier: GPL-3.0-or-later
// Analytic scenes for the characterisation: a muscle-grey box with bones and lesions painted in.
#pragma once

#include <fmt/core.h>

#include <cmath>
#include <functional>

#include "pipelines/stages/lesion/characterise.h"

namespace osteon::testing {

inline constexpr float kMuscle = 100, kMarrow = 60, kFluid = 700, kOedema = 480;

inline VolumeGeometry Grid(int columns, int rows, int slices, Vec3 spacing) {
  VolumeGeometry g;
  g.columns = columns;
  g.rows = rows;
  g.slices = slices;
  g.frame_of_reference_uid = "1.2.3";
  g.patient_from_voxel = {{spacing.x, 0, 0},
                          {0, 0, -spacing.y},
                          {0, spacing.z, 0},
                          {-0.5 * spacing.x * (columns - 1), -0.5 * spacing.z * (slices - 1),
                           0.5 * spacing.y * (rows - 1)}};
  return g;
}

// Another contrast that was imaged everywhere.
inline OtherContrast OtherEverywhere(const VolumeGeometry& g, float value) {
  return {Volume<float>(g, value), Volume<std::uint8_t>(g, 1)};
}

struct Scene {
  ComposedVolume volume;
  Skeleton skeleton;
  LesionMap map;

  explicit Scene(const VolumeGeometry& g) {
    volume.stir = Volume<float>(g, kMuscle);
    volume.inside = Volume<std::uint8_t>(g, 1);
    skeleton.units = Volume<UnitId>(g);
    map.labels = Volume<std::uint16_t>(g);
    map.anchors.muscle = kMuscle;
    map.anchors.muscle_spread = 8;
    map.anchors.fluid = kFluid;
  }

  template <typename Inside, typename Paint>  // Inside(point), Paint(index)
  void ForInside(Inside inside, Paint paint) {
    const VolumeGeometry& g = volume.stir.geometry();
    for (int k = 0; k < g.slices; ++k)
      for (int j = 0; j < g.rows; ++j)
        for (int i = 0; i < g.columns; ++i) {
          const Vec3 p = g.patient_from_voxel({double(i), double(j), double(k)});
          if (inside(p)) paint(volume.stir.Index(i, j, k));
        }
  }

  // A bone unit with marrow of normal signal, and its frame along -z.
  template <typename Inside>
  void AddBone(const char* key, Inside inside, double top_mm, double bottom_mm, Vec3 centre) {
    const UnitId unit = *UnitByKey(key);
    std::size_t count = 0;
    ForInside(inside, [&](std::size_t n) {
      skeleton.units[n] = unit;
      volume.stir[n] = kMarrow;
      ++count;
    });
    UnitFrame frame;
    frame.unit = unit;
    frame.volume_ml = static_cast<double>(count) * volume.stir.geometry().voxel_ml();
    frame.centre = centre;
    frame.axis = {0, 0, -1};
    frame.proximal_end = {centre.x, centre.y, top_mm};
    frame.length_mm = top_mm - bottom_mm;
    frame.confidence = 1;
    skeleton.frames.push_back(frame);
    map.anchors.marrow[unit] = kMarrow;
  }

  template <typename Inside>
  int AddLesion(const char* key, Inside inside, float signal = kOedema) {
    Candidate candidate;
    candidate.label = static_cast<int>(map.candidates.size()) + 1;
    candidate.unit = *UnitByKey(key);
    candidate.judgement = LesionClass::kLesion;
    candidate.probability = 0.9;
    ForInside(inside, [&](std::size_t n) {
      map.labels[n] = static_cast<std::uint16_t>(candidate.label);
      volume.stir[n] = signal;
    });
    map.candidates.push_back(candidate);
    return candidate.label;
  }

  Findings Characterised(StudyFacts facts = {}) const {
    RunContext run;
    if (facts.fingerprint.empty()) facts.fingerprint = "test";
    return Characterise(volume, skeleton, map, facts, CharacteriseOptions{}, run);
  }
};

inline auto Ball(Vec3 centre, double radius_mm) {
  return [=](Vec3 p) { return Norm(p - centre) <= radius_mm; };
}
// An upright cylinder.
inline auto Rod(Vec3 centre, double radius_mm, double top_mm, double bottom_mm) {
  return [=](Vec3 p) {
    return std::hypot(p.x - centre.x, p.y - centre.y) <= radius_mm && p.z <= top_mm &&
           p.z >= bottom_mm;
  };
}

// A lesion as a report holds it, for what works on lists of lesions alone.
inline Lesion Reported(const char* key, double along, double volume_ml, int number = 1) {
  Lesion l;
  l.number = number;
  l.unit = *UnitByKey(key);
  l.along_bone = Measured::Of(along);
  l.probability = 0.9;
  l.volume_ml = volume_ml;
  l.length_mm = 10;
  l.signal_grade = Measured::Of(2);
  l.stir_position = Measured::Of(0.7);
  l.tracking_id = fmt::format("{} {}", key, number);
  l.tracking_uid = fmt::format("2.25.{}", 1000 + number);
  return l;
}

}  // namespace osteon::testing
