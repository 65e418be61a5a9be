// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/network_maps.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "pipelines/stages/skeleton_classes.h"

namespace osteon {
namespace {

constexpr int kInputChannels = 10;
constexpr int kMultiple = 16;  // Four halvings in the network.
constexpr double kColumnUnit = 64.0, kSliceUnit = 16.0;

float Compress(float relative) { return std::log1p(2.0F * relative) - 1.0F; }

int RoundUp(int n) { return (n + kMultiple - 1) / kMultiple * kMultiple; }

VolumeGeometry CoarseGeometry(const CanonicalStir& stir) { return stir.reference.geometry(); }

// Softmax of one pixel over the classes, in place.
void Softmax(std::array<float, kTissueClasses>& logits) {
  const float top = *std::max_element(logits.begin(), logits.end());
  float sum = 0;
  for (float& v : logits) {
    v = std::exp(v - top);
    sum += v;
  }
  for (float& v : logits) v /= sum;
}

void StoreSlice(const Planes& out, int slice, TissueMaps& maps) {
  const VolumeGeometry& g = maps.tissue.geometry();
  std::array<float, kTissueClasses> p{};
  for (int j = 0; j < g.rows; ++j) {
    for (int i = 0; i < g.columns; ++i) {
      const auto at = static_cast<std::size_t>(j) * static_cast<std::size_t>(out.columns) +
                      static_cast<std::size_t>(i);
      for (int c = 0; c < kTissueClasses; ++c) p[static_cast<std::size_t>(c)] = out.Plane(c)[at];
      Softmax(p);
      const auto first_bone = p.begin() + kFirstBone, end_bone = p.begin() + kLastBone + 1;
      maps.tissue.At(i, j, slice) =
          static_cast<std::uint8_t>(std::max_element(p.begin(), p.end()) - p.begin());
      maps.bone_class.At(i, j, slice) =
          static_cast<std::uint8_t>(std::max_element(first_bone, end_bone) - p.begin());
      float bone = 0;
      for (auto it = first_bone; it != end_bone; ++it) bone += *it;
      maps.bone.At(i, j, slice) = std::min(1.0F, bone);
      for (int s = 0; s < kLesionOutputs; ++s) {
        const float logit = out.Plane(kTissueClasses + s)[at];
        maps.lesion.At(2 * i + s % 2, 2 * j + s / 2, slice) = 1.0F / (1.0F + std::exp(-logit));
      }
    }
  }
}

}  // namespace

Planes NetworkInput(const CanonicalStir& stir, int slice) {
  const VolumeGeometry g = CoarseGeometry(stir);
  Planes in(kInputChannels, RoundUp(g.rows), RoundUp(g.columns));
  std::fill(in.values.begin(), in.values.end(), Compress(0.0F));
  const std::array<int, 4> around = {-1, 1, -2, 2};
  for (int j = 0; j < g.rows; ++j) {
    for (int i = 0; i < g.columns; ++i) {
      const auto at = static_cast<std::size_t>(j) * static_cast<std::size_t>(in.columns) +
                      static_cast<std::size_t>(i);
      const auto fine = [&](int s, int k) {
        return stir.relative.At(2 * i + s % 2, 2 * j + s / 2, k);
      };
      for (int s = 0; s < 4; ++s) in.Plane(s)[at] = Compress(fine(s, slice));
      for (int n = 0; n < 4; ++n) {
        const int k = std::clamp(slice + around[static_cast<std::size_t>(n)], 0, g.slices - 1);
        in.Plane(4 + n)[at] = Compress(0.25F * (fine(0, k) + fine(1, k) + fine(2, k) + fine(3, k)));
      }
    }
  }
  for (int j = 0; j < in.rows; ++j) {
    for (int i = 0; i < in.columns; ++i) {
      const auto at = static_cast<std::size_t>(j) * static_cast<std::size_t>(in.columns) +
                      static_cast<std::size_t>(i);
      in.Plane(8)[at] = static_cast<float>((i - stir.middle_column) / kColumnUnit);
      in.Plane(9)[at] = static_cast<float>((slice - stir.middle_slice) / kSliceUnit);
    }
  }
  return in;
}

Status CheckCard(const NetworkCard& card) {
  if (card.input_channels != kInputChannels ||
      card.outputs.size() != kTissueClasses + kLesionOutputs) {
    return InvalidInput("network " + card.name +
                        ": its card does not have 10 inputs and 30 outputs");
  }
  for (std::size_t n = 0; n < kTissueNames.size(); ++n) {
    if (card.outputs[n] != kTissueNames[n]) {
      return InvalidInput("network " + card.name + ": output " + std::to_string(n) + " is \"" +
                          card.outputs[n] + "\", this version expects \"" +
                          std::string(kTissueNames[n]) + "\"");
    }
  }
  return {};
}

Result<TissueMaps> RunNetwork(CanonicalStir stir, Network& network, RunContext& run) {
  if (Status status = CheckCard(network.card()); !status) return std::move(status).error();
  const VolumeGeometry coarse = CoarseGeometry(stir);
  TissueMaps maps;
  maps.scale = stir.scale;
  maps.lesion = Volume<float>(stir.relative.geometry());
  maps.tissue = Volume<std::uint8_t>(coarse);
  maps.bone_class = Volume<std::uint8_t>(coarse);
  maps.bone = Volume<float>(coarse);
  for (int k = 0; k < coarse.slices; ++k) {
    if (run.Cancelled()) return Cancelled("while the network located the skeleton");
    Result<Planes> out = network.Run(NetworkInput(stir, k));
    if (!out) return std::move(out).error();
    StoreSlice(*out, k, maps);
  }
  maps.relative = std::move(stir.relative);
  return maps;
}

}  // namespace osteon
