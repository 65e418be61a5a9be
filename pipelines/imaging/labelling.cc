// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/labelling.h"

#include <itkImage.h>
#include <itkScalarConnectedComponentImageFilter.h>

#include <algorithm>
#include <utility>

namespace osteon {
namespace {

using ValueImage = itk::Image<std::uint8_t, 3>;
using LabelImage = itk::Image<std::int32_t, 3>;

// The voxels seen by ITK in place; it does not write to what it only reads.
ValueImage::Pointer View(const Volume<std::uint8_t>& values) {
  const VolumeGeometry& g = values.geometry();
  const ValueImage::SizeType size = {static_cast<itk::SizeValueType>(g.columns),
                                     static_cast<itk::SizeValueType>(g.rows),
                                     static_cast<itk::SizeValueType>(g.slices)};
  auto image = ValueImage::New();
  image->SetRegions(ValueImage::RegionType(size));
  image->GetPixelContainer()->SetImportPointer(const_cast<std::uint8_t*>(values.voxels().data()),
                                               values.size(), false);
  return image;
}

}  // namespace

Components LabelComponents(const Volume<std::uint8_t>& values) {
  Components out{Volume<std::int32_t>(values.geometry()), {}};
  if (values.empty()) return out;
  const ValueImage::Pointer image = View(values);
  auto filter = itk::ScalarConnectedComponentImageFilter<ValueImage, LabelImage, ValueImage>::New();
  filter->SetInput(image);
  filter->SetMaskImage(image);
  filter->SetDistanceThreshold(0);  // Equal values only.
  filter->SetFullyConnected(true);
  filter->Update();

  // Numbered anew in order of the first voxel, which ITK does not promise.
  const std::int32_t* const found = filter->GetOutput()->GetBufferPointer();
  std::vector<std::int32_t> number;
  for (std::size_t n = 0; n < values.size(); ++n) {
    if (values[n] == 0) continue;
    const auto component = static_cast<std::size_t>(found[n]);
    if (component >= number.size()) number.resize(component + 1, 0);
    if (number[component] == 0) {
      out.sizes.push_back(0);
      number[component] = static_cast<std::int32_t>(out.sizes.size());
    }
    out.labels[n] = number[component];
    ++out.sizes[static_cast<std::size_t>(number[component]) - 1];
  }
  return out;
}

}  // namespace osteon
