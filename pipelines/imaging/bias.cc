// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/bias.h"

#include <itkImage.h>
#include <itkMultiThreaderBase.h>
#include <itkN4BiasFieldCorrectionImageFilter.h>

#include <algorithm>
#include <cmath>

#include "pipelines/imaging/resample.h"

namespace osteon {
namespace {

using Image = itk::Image<float, 3>;
using Mask = itk::Image<unsigned char, 3>;

// Geometry for N4: spacing counts, direction does not.
template <typename ImageType>
typename ImageType::Pointer EmptyImage(const VolumeGeometry& g) {
  auto image = ImageType::New();
  typename ImageType::SizeType size;
  size[0] = static_cast<itk::SizeValueType>(g.columns);
  size[1] = static_cast<itk::SizeValueType>(g.rows);
  size[2] = static_cast<itk::SizeValueType>(g.slices);
  image->SetRegions(size);
  const Vec3 spacing = g.spacing_mm();
  typename ImageType::SpacingType itk_spacing;
  itk_spacing[0] = spacing.x;
  itk_spacing[1] = spacing.y;
  itk_spacing[2] = spacing.z;
  image->SetSpacing(itk_spacing);
  image->Allocate(true);
  return image;
}

BlockFactor FactorFor(const VolumeGeometry& g, double working_spacing_mm) {
  const auto factor = [&](double spacing_mm) {
    return std::max(1, static_cast<int>(std::lround(working_spacing_mm / spacing_mm)));
  };
  const Vec3 spacing = g.spacing_mm();
  return {factor(spacing.x), factor(spacing.y), factor(spacing.z)};
}

// Half the mean of what is above the mean: below it is air and suppressed fat, which say nothing of
// the coil.
float ForegroundThreshold(const Volume<float>& volume) {
  double sum = 0;
  for (const float v : volume.voxels()) sum += v;
  const double mean = sum / static_cast<double>(std::max<std::size_t>(1, volume.size()));
  double bright_sum = 0;
  std::size_t bright = 0;
  for (const float v : volume.voxels()) {
    if (v <= mean) continue;
    bright_sum += v;
    ++bright;
  }
  return bright == 0 ? 0 : static_cast<float>(0.5 * bright_sum / static_cast<double>(bright));
}

// Natural logarithm of the field on the grid of `shrunken`; empty when there is too little
// foreground.
Volume<float> LogField(const Volume<float>& shrunken, const BiasOptions& options) {
  // ITK sums control point weights per thread: only one thread gives the same field on every
  // machine.
  itk::MultiThreaderBase::SetGlobalDefaultNumberOfThreads(1);
  const VolumeGeometry& g = shrunken.geometry();
  auto image = EmptyImage<Image>(g);
  auto mask = EmptyImage<Mask>(g);
  const float threshold = ForegroundThreshold(shrunken);
  std::size_t foreground = 0;
  for (std::size_t n = 0; n < shrunken.size(); ++n) {
    image->GetBufferPointer()[n] = shrunken[n];
    const bool is_foreground = shrunken[n] > threshold && shrunken[n] > 0;
    mask->GetBufferPointer()[n] = is_foreground ? 1 : 0;
    if (is_foreground) ++foreground;
  }
  constexpr std::size_t kLeastForeground = 200;
  if (foreground < kLeastForeground) return {};
  using N4 = itk::N4BiasFieldCorrectionImageFilter<Image, Mask, Image>;
  auto n4 = N4::New();
  n4->SetInput(image);
  n4->SetMaskImage(mask);
  const auto levels = static_cast<unsigned>(options.levels);
  n4->SetNumberOfFittingLevels(levels);
  N4::VariableSizeArrayType iterations(levels);
  iterations.Fill(static_cast<unsigned>(options.iterations_per_level));
  n4->SetMaximumNumberOfIterations(iterations);
  n4->SetConvergenceThreshold(static_cast<float>(options.convergence));
  // Each level halves the control point spacing; the first must therefore be this much coarser.
  const double first_mm = options.finest_control_spacing_mm * std::pow(2.0, options.levels - 1);
  N4::ArrayType points;
  const int sizes[3] = {g.columns, g.rows, g.slices};
  for (unsigned a = 0; a < 3; ++a) {
    const double length_mm = sizes[a] * image->GetSpacing()[a];
    constexpr unsigned kSplineOrder = 3;
    points[a] =
        kSplineOrder + std::max(1U, static_cast<unsigned>(std::lround(length_mm / first_mm)));
  }
  n4->SetNumberOfControlPoints(points);
  n4->Update();
  Volume<float> field(g);
  double sum = 0;
  for (std::size_t n = 0; n < field.size(); ++n) {
    const float before = shrunken[n];
    const float after = n4->GetOutput()->GetBufferPointer()[n];
    field[n] = before > 0 && after > 0 ? std::log(before / after) : 0;
    if (mask->GetBufferPointer()[n] != 0) sum += field[n];
  }
  const auto mean = static_cast<float>(sum / static_cast<double>(foreground));
  for (std::size_t n = 0; n < field.size(); ++n) field[n] -= mean;
  return field;
}

}  // namespace

Status CorrectBias(Volume<float>& volume, const BiasOptions& options) {
  const VolumeGeometry geometry = volume.geometry();
  Volume<float> log_field;
  try {
    log_field =
        LogField(ShrinkByMean(volume, FactorFor(geometry, options.working_spacing_mm)), options);
  } catch (const std::exception& e) {
    return Internal(std::string("bias correction: ") + e.what());
  }
  if (log_field.empty()) return {};
  const auto limit = static_cast<float>(std::log(options.max_gain));
  VolumeGeometry slice = geometry;
  slice.slices = 1;
  // Slice by slice: the field at full resolution would be as large as the volume.
  for (int k = 0; k < geometry.slices; ++k) {
    slice.patient_from_voxel.origin = geometry.patient_from_voxel({0, 0, static_cast<double>(k)});
    const Volume<float> field = Resample(log_field, slice, 0);
    const auto row = volume.Slice(k);
    for (std::size_t n = 0; n < row.size(); ++n) {
      row[n] *= std::exp(-std::clamp(field[n], -limit, limit));
    }
  }
  return {};
}

}  // namespace osteon
