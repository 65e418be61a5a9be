// SPDX-License-Identifier: GPL-3.0-or-later
// Voxels with their geometry. Move-only: a whole-body float volume is 40 to 120 MB, so a copy must
// be written Clone().
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/geometry.h"

namespace osteon {

// Index order: i (column) fastest, then j (row), then k (slice). Thread-compatible.
template <typename T>
class Volume {
 public:
  Volume() = default;
  explicit Volume(VolumeGeometry geometry, T fill = T{})
      : geometry_(std::move(geometry)), voxels_(geometry_.VoxelCount(), fill) {}
  // REQUIRES: voxels.size() == geometry.VoxelCount().
  Volume(VolumeGeometry geometry, std::vector<T> voxels)
      : geometry_(std::move(geometry)), voxels_(std::move(voxels)) {
    Check(voxels_.size() == geometry_.VoxelCount(), "Volume: voxel count differs from geometry");
  }
  Volume(Volume&&) noexcept = default;
  Volume& operator=(Volume&&) noexcept = default;
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;

  Volume Clone() const { return Volume(geometry_, voxels_); }

  // Gives up the voxels, for a volume of the same size with another geometry.
  std::vector<T> Release() && { return std::move(voxels_); }

  const VolumeGeometry& geometry() const { return geometry_; }
  bool empty() const { return voxels_.empty(); }
  std::size_t size() const { return voxels_.size(); }

  std::size_t Index(int i, int j, int k) const {
    return (static_cast<std::size_t>(k) * static_cast<std::size_t>(geometry_.rows) +
            static_cast<std::size_t>(j)) *
               static_cast<std::size_t>(geometry_.columns) +
           static_cast<std::size_t>(i);
  }
  bool Contains(int i, int j, int k) const {
    return i >= 0 && j >= 0 && k >= 0 && i < geometry_.columns && j < geometry_.rows &&
           k < geometry_.slices;
  }
  // REQUIRES: Contains(i, j, k). Not checked: this is the inner loop.
  T& At(int i, int j, int k) { return voxels_[Index(i, j, k)]; }
  const T& At(int i, int j, int k) const { return voxels_[Index(i, j, k)]; }

  T& operator[](std::size_t n) { return voxels_[n]; }
  const T& operator[](std::size_t n) const { return voxels_[n]; }

  std::span<T> voxels() { return voxels_; }
  std::span<const T> voxels() const { return voxels_; }
  // One slice, row after row.
  std::span<T> Slice(int k) { return voxels().subspan(Index(0, 0, k), SliceSize()); }
  std::span<const T> Slice(int k) const { return voxels().subspan(Index(0, 0, k), SliceSize()); }

 private:
  std::size_t SliceSize() const {
    return static_cast<std::size_t>(geometry_.columns) * static_cast<std::size_t>(geometry_.rows);
  }

  VolumeGeometry geometry_;
  std::vector<T> voxels_;
};

}  // namespace osteon
