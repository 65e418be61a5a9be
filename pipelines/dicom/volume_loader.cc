// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/volume_loader.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "pipelines/dicom/pixel_data.h"

namespace osteon {
namespace {

// Slices of one file follow one another in nearly every stack, so one open file is enough.
struct OpenFile {
  std::filesystem::path path;
  std::optional<PixelFile> pixels;
};

Status LoadSlice(const SeriesInfo& info, int k, OpenFile& open, Volume<float>& voxels) {
  const FrameSource& source = info.frames[static_cast<std::size_t>(k)];
  if (!open.pixels || open.path != source.path) {
    open.pixels.reset();
    auto file = PixelFile::Open(source.path, info.geometry.columns, info.geometry.rows);
    if (!file) return std::move(file).error();
    open = {source.path, std::move(*file)};
  }
  return open.pixels->ReadFrame(source.frame_number, voxels.Slice(k));
}

// The reader lets no two missing slices be neighbours and none be first or last.
void FillMissing(const SeriesInfo& info, Volume<float>& voxels) {
  for (int k = 0; k < info.geometry.slices; ++k) {
    if (!info.frames[static_cast<std::size_t>(k)].missing()) continue;
    const auto below = voxels.Slice(std::max(k - 1, 0));
    const auto above = voxels.Slice(std::min(k + 1, info.geometry.slices - 1));
    const auto filled = voxels.Slice(k);
    for (std::size_t n = 0; n < filled.size(); ++n) filled[n] = 0.5F * (below[n] + above[n]);
  }
}

}  // namespace

Result<ImageVolume> LoadVolume(const SeriesInfo& info, RunContext& run) {
  Check(info.frames.size() == static_cast<std::size_t>(info.geometry.slices),
        "LoadVolume: frames differ from slices");
  if (info.geometry.VoxelCount() > kMaxVoxels) {
    return Unsupported("series " + info.series_instance_uid + ": " +
                       std::to_string(info.geometry.VoxelCount()) + " voxels, more than " +
                       std::to_string(kMaxVoxels));
  }
  Volume<float> voxels(info.geometry);
  OpenFile open;
  bool lossy = false;
  for (int k = 0; k < info.geometry.slices; ++k) {
    if (run.Cancelled()) return Cancelled("while loading voxels");
    if (info.frames[static_cast<std::size_t>(k)].missing()) continue;
    if (Status loaded = LoadSlice(info, k, open, voxels); !loaded) return std::move(loaded).error();
    lossy = lossy || open.pixels->lossy();
  }
  FillMissing(info, voxels);
  for (float& v : voxels.voxels()) {
    if (!std::isfinite(v)) v = 0;
  }
  if (lossy) {
    run.AddCaveat("lossy_compression",
                  "Series " + std::to_string(info.series_number) +
                      " went through lossy compression: small and mild lesions may be changed.",
                  {std::to_string(info.series_number)});
  }
  return ImageVolume{info, std::move(voxels)};
}

}  // namespace osteon
