// SPDX-License-Identifier: GPL-3.0-or-later
// Voxels with their geometry. Move-only: a whole-body float volume is 40 to 200 MB, so a copy must
// be written Clone().
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/geometry.h"

namespace osteon {

// Memory that is zero without being written: what a large volume never writes, such as the voxels
// of a label map outside of its labels, takes none from the system.
template <typename T>
struct ZeroedAllocator {
  static_assert(std::is_trivially_copyable_v<T>);
  using value_type = T;

  ZeroedAllocator() = default;
  template <typename U>
  explicit ZeroedAllocator(const ZeroedAllocator<U>&) {}

  T* allocate(std::size_t count) {
    // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): nothing else gives zeroed memory.
    void* memory = std::calloc(count, sizeof(T));
    if (memory == nullptr) throw std::bad_alloc();
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t) {
    std::free(memory);  // NOLINT(cppcoreguidelines-no-malloc)
  }
  // What a vector calls for elements without a value: they are zero already.
  void construct(T*) const {}
  bool operator==(const ZeroedAllocator&) const = default;
};

// Index order: i (column) fastest, then j (row), then k (slice). Thread-compatible.
template <typename T>
class Volume {
 public:
  Volume() = default;
  explicit Volume(VolumeGeometry geometry, T fill = T{})
      : geometry_(std::move(geometry)), voxels_(geometry_.VoxelCount()) {
    if (fill != T{}) std::ranges::fill(voxels_, fill);
  }
  Volume(Volume&&) noexcept = default;
  Volume& operator=(Volume&&) noexcept = default;
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;

  Volume Clone() const {
    Volume copy(geometry_);
    std::ranges::copy(voxels_, copy.voxels_.begin());
    return copy;
  }

  // The same voxels with another geometry. REQUIRES: it has as many.
  Volume MovedTo(VolumeGeometry geometry) && {
    Check(voxels_.size() == geometry.VoxelCount(), "Volume: voxel count differs from geometry");
    geometry_ = std::move(geometry);
    return std::move(*this);
  }

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
  std::vector<T, ZeroedAllocator<T>> voxels_;
};

}  // namespace osteon
