// SPDX-License-Identifier: GPL-3.0-or-later
// Every library that runs the network must see the same bones and the same oedema in a body.
#include "pipelines/stages/skeleton/network_maps.h"

#include <gtest/gtest.h>

#include <utility>

#include "pipelines/phantom/acquire.h"
#include "pipelines/phantom/lesions.h"

namespace osteon {
namespace {

// The middle third of the STIR slices of a child of six years with lesions: there most bones are.
Volume<float> ChildStir() {
  PhantomOptions options;
  options.seed = 5;
  options.age_years = 6;
  options.lesions = 6;
  RunContext run;
  auto body = phantom::BuildBody(phantom::DrawPlan(options), options.seed, 2.5, run);
  EXPECT_TRUE(body);
  phantom::DrawLesions(options, *body);
  phantom::CoronalProtocol protocol;
  protocol.sequence = phantom::StirSequence(options.tesla);
  auto stacks = phantom::AcquireCoronal(*body, protocol, options.seed, run);
  EXPECT_TRUE(stacks);
  const Volume<std::uint16_t>& stored = stacks->front().voxels;
  VolumeGeometry middle = stored.geometry();
  middle.slices /= 3;
  middle.patient_from_voxel.origin =
      middle.patient_from_voxel({0, 0, static_cast<double>(middle.slices)});
  Volume<float> stir(middle);
  for (std::size_t n = 0; n < stir.size(); ++n)  // As many are before the middle third.
    stir.voxels()[n] = static_cast<float>(stored.voxels()[stir.size() + n]);
  return stir;
}

Result<TissueMaps> MapsBy(InferenceMethod method, const Volume<float>& stir) {
  auto dir = FindModelDir();
  if (!dir) return dir.error();
  auto card = ReadNetworkCard(*dir, "skeleton");
  if (!card) return card.error();
  auto network = Network::Load(*card, method);
  if (!network) return network.error();
  std::vector<Network> networks;
  networks.push_back(*std::move(network));
  auto canonical = ToCanonical(stir);
  if (!canonical) return canonical.error();
  RunContext run;
  return RunNetwork(*std::move(canonical), networks, run);
}

TEST(NetworkMaps, AreTheSameWhateverLibraryRunsTheNetwork) {
  const Volume<float> stir = ChildStir();
  const auto reference = MapsBy(InferenceMethod::kOpenCv, stir);
  ASSERT_TRUE(reference) << reference.error().message();
  for (const auto method : {InferenceMethod::kOneDnnFloat32, InferenceMethod::kOneDnnBfloat16}) {
    const auto maps = MapsBy(method, stir);
    if (!maps) continue;  // This processor does not have it.
    std::size_t names = 0, evidence = 0;
    for (std::size_t n = 0; n < maps->tissue.size(); ++n)
      names += maps->tissue.voxels()[n] == reference->tissue.voxels()[n] ? 1 : 0;
    // 0.25 is where a candidate begins (detect_candidates.cc).
    for (std::size_t n = 0; n < maps->lesion.size(); ++n)
      evidence +=
          (maps->lesion.voxels()[n] < 0.25F) == (reference->lesion.voxels()[n] < 0.25F) ? 1 : 0;
    const auto share = [](std::size_t same, std::size_t of) {
      return static_cast<double>(same) / static_cast<double>(of);
    };
    const double least = method == InferenceMethod::kOneDnnFloat32 ? 0.99999 : 0.999;
    EXPECT_GE(share(names, maps->tissue.size()), least);
    EXPECT_GE(share(evidence, maps->lesion.size()), least);
    RecordProperty("different_names_ppm",
                   static_cast<int>(1e6 * (1 - share(names, maps->tissue.size()))));
    RecordProperty("different_evidence_ppm",
                   static_cast<int>(1e6 * (1 - share(evidence, maps->lesion.size()))));
  }
}

}  // namespace
}  // namespace osteon
