// SPDX-License-Identifier: GPL-3.0-or-later
// Our coil correction and labelling on a made-up composed volume:
//   imaging_speed make COLUMNS ROWS SLICES FOLDER  writes body.raw (float32), truth.raw (float32,
//     without gain) and blobs.raw (uint8), i fastest, voxels of 1.5 x 1.5 x 6 mm
//   imaging_speed bias COLUMNS ROWS SLICES FOLDER [ITERATIONS]  CorrectBias on body.raw -> bias.raw
//   imaging_speed label COLUMNS ROWS SLICES FOLDER  LabelComponents on blobs.raw, and reads one
//     label of each page of memory: labels of background are not written, and the system makes
//     their pages when they are read
// bias and label print milliseconds of that alone; label also how many components there are.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "pipelines/imaging/bias.h"
#include "pipelines/imaging/labelling.h"

namespace {

using osteon::Volume;

template <typename T>
void Save(const std::string& path, const Volume<T>& volume) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(volume.voxels().data()),
             static_cast<std::streamsize>(volume.size() * sizeof(T)));
}

template <typename T>
Volume<T> Load(const std::string& path, const osteon::VolumeGeometry& geometry) {
  Volume<T> volume(geometry);
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(volume.voxels().data()),
            static_cast<std::streamsize>(volume.size() * sizeof(T)));
  return volume;
}

// A body of muscle with marrow, bright organs and noise, under the gain of two coils; blobs of many
// sizes. A linear congruence makes the noise, so that every machine makes the same.
void Make(const osteon::VolumeGeometry& g, const std::string& folder) {
  Volume<float> body(g), truth(g);
  Volume<std::uint8_t> blobs(g);
  std::uint32_t seed = 1;
  const auto random = [&] {
    seed = seed * 1664525U + 1013904223U;
    return static_cast<float>(seed >> 8) / 16777216.0F;
  };
  for (int k = 0; k < g.slices; ++k)
    for (int j = 0; j < g.rows; ++j)
      for (int i = 0; i < g.columns; ++i) {
        const float x = 2.0F * static_cast<float>(i) / static_cast<float>(g.columns) - 1;
        const float z = 2.0F * static_cast<float>(j) / static_cast<float>(g.rows) - 1;
        const float y = 2.0F * static_cast<float>(k) / static_cast<float>(g.slices) - 1;
        const float width = 0.55F + 0.3F * std::cos(3 * z);
        const bool inside = x * x / (width * width) + y * y / 0.8F < 1;
        float signal = inside ? 100 : 0;
        if (inside && std::abs(x) < 0.08F) signal = 60;
        if (inside && std::sin(17 * x) * std::sin(31 * z) * std::sin(9 * y) > 0.55F) {
          signal = 300;
          blobs.At(i, j, k) = 1;
        }
        const float gain = std::exp(0.35F * std::sin(2.1F * z + 0.4F) + 0.25F * x);
        truth.At(i, j, k) = signal;
        body.At(i, j, k) = inside ? signal * gain + 8 * (random() - 0.5F) : 0;
      }
  Save(folder + "/body.raw", body);
  Save(folder + "/truth.raw", truth);
  Save(folder + "/blobs.raw", blobs);
}

void TouchPages(std::span<const std::int32_t> labels) {
  constexpr std::size_t kPage = 4096 / sizeof(std::int32_t);
  for (std::size_t n = 0; n < labels.size(); n += kPage) {
    static_cast<void>(*static_cast<const volatile std::int32_t*>(&labels[n]));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6 && argc != 7) return 2;
  const std::string what = argv[1], folder = argv[5];
  osteon::VolumeGeometry geometry;
  geometry.columns = std::atoi(argv[2]);
  geometry.rows = std::atoi(argv[3]);
  geometry.slices = std::atoi(argv[4]);
  geometry.patient_from_voxel = {{1.5, 0, 0}, {0, 0, -1.5}, {0, 6, 0}, {}};
  const auto now = [] { return std::chrono::steady_clock::now(); };
  if (what == "make") {
    Make(geometry, folder);
  } else if (what == "bias") {
    auto body = Load<float>(folder + "/body.raw", geometry);
    osteon::BiasOptions options;
    if (argc == 7) options.iterations = std::atoi(argv[6]);
    const auto start = now();
    osteon::CorrectBias(body, options);
    const std::chrono::duration<double, std::milli> took = now() - start;
    Save(folder + "/bias.raw", body);
    std::printf("%.2f\n", took.count());
  } else if (what == "label") {
    const auto blobs = Load<std::uint8_t>(folder + "/blobs.raw", geometry);
    const auto start = now();
    const auto components = osteon::LabelComponents(blobs);
    TouchPages(components.labels.voxels());
    const std::chrono::duration<double, std::milli> took = now() - start;
    std::printf("%.2f %zu\n", took.count(), components.sizes.size());
  } else {
    return 2;
  }
}
