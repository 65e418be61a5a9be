// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/volume_loader.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "pipelines/dicom/images/adc_unit.h"
#include "pipelines/dicom/images/padding.h"
#include "pipelines/dicom/images/pixel_data.h"

namespace osteon {
namespace {

// Nearly every stack has the slices of one file one after another, so one open file is enough.
struct OpenFile {
  std::filesystem::path path;
  std::optional<PixelFile> pixels;
};

// The voxels, and what was found while reading them.
struct Loaded {
  Volume<float> voxels;
  Volume<std::uint8_t> padding;  // PaddingMark; empty without any.
  OutsideBits outside_bits;
  std::optional<double> um2_per_s;
  bool lossy = false;
};

Status LoadSlice(const SeriesInfo& info, int k, const ReadAs& as, OpenFile& open, Loaded& into) {
  const FrameSource& source = info.frames[static_cast<std::size_t>(k)];
  if (!open.pixels || open.path != source.path) {
    open.pixels.reset();
    auto file = PixelFile::Open(source.path, info.geometry.columns, info.geometry.rows);
    if (!file) return std::move(file).error();
    open = {source.path, std::move(*file)};
  }
  auto facts = open.pixels->ReadFrame(source.frame_number, into.voxels.Slice(k), as);
  if (!facts) return std::move(facts).error();
  if (!facts->padding.empty()) {
    if (into.padding.empty()) into.padding = Volume<std::uint8_t>(info.geometry);
    std::copy(facts->padding.begin(), facts->padding.end(), into.padding.Slice(k).begin());
  }
  into.outside_bits += facts->outside_bits;
  if (facts->um2_per_s) into.um2_per_s = facts->um2_per_s;
  into.lossy = into.lossy || open.pixels->lossy();
  return {};
}

Result<Loaded> LoadSlices(const SeriesInfo& info, const ReadAs& as, RunContext& run) {
  Loaded loaded{Volume<float>(info.geometry), {}, {}, {}};
  OpenFile open;
  for (int k = 0; k < info.geometry.slices; ++k) {
    if (run.Cancelled()) return Cancelled("while loading voxels");
    if (info.frames[static_cast<std::size_t>(k)].missing()) continue;
    if (Status slice = LoadSlice(info, k, as, open, loaded); !slice) {
      return std::move(slice).error();
    }
  }
  return loaded;
}

// ReadStudy accepts no two missing slices side by side, and none at either end.
void FillMissing(const SeriesInfo& info, Volume<float>& voxels) {
  for (int k = 0; k < info.geometry.slices; ++k) {
    if (!info.frames[static_cast<std::size_t>(k)].missing()) continue;
    const auto below = voxels.Slice(std::max(k - 1, 0));
    const auto above = voxels.Slice(std::min(k + 1, info.geometry.slices - 1));
    const auto filled = voxels.Slice(k);
    for (std::size_t n = 0; n < filled.size(); ++n) filled[n] = 0.5F * (below[n] + above[n]);
  }
}

void SayBits(const std::string& series, const OutsideBits& seen, WordUse use, RunContext& run) {
  if (seen.words == 0) return;
  const std::string what = "Series " + series +
                           " has pixels with bits outside of Bits Stored (0028,0101) and High Bit "
                           "(0028,0102): ";
  if (use == WordUse::kWhole) {
    run.AddCaveat("bits_above_used",
                  what +
                      "they were taken as part of the signal, since the image is continuous "
                      "only so. Have the export checked.",
                  {series});
  } else {
    run.AddCaveat("bits_above_masked",
                  what +
                      "they were left out, as the standard says, since the image is continuous "
                      "only so. Have the export checked.",
                  {series});
  }
}

// Converts values to um2/s, or sets all to not-a-number when the unit is unknown.
void NormaliseAdc(const std::string& series, std::optional<double> stated, Volume<float>& voxels,
                  RunContext& run) {
  const AdcUnit unit = TellAdcUnit(stated, voxels.voxels());
  const std::string name(AdcUnitName(unit.um2_per_s));
  if (unit.from == AdcUnitFrom::kGuessed) {
    run.AddCaveat("adc_unit_guessed",
                  "Series " + series +
                      ": the ADC map does not state its unit; it was taken to be " + name +
                      ", since tissue has no other values in it.",
                  {series, name});
  } else if (unit.from == AdcUnitFrom::kContradicted) {
    run.AddCaveat("adc_unit_contradicted",
                  "Series " + series +
                      ": in the unit that the ADC map states no tissue has its "
                      "values; it was taken to be " +
                      name + ".",
                  {series, name});
  } else if (unit.from == AdcUnitFrom::kUnknown) {
    run.AddCaveat("adc_unit_unknown",
                  "Series " + series +
                      ": in no unit does the ADC map have the values of tissue; it "
                      "was not used.",
                  {series});
  }
  const auto factor = unit.from == AdcUnitFrom::kUnknown ? std::numeric_limits<float>::quiet_NaN()
                                                         : static_cast<float>(unit.um2_per_s);
  for (float& v : voxels.voxels()) v *= factor;
}

}  // namespace

Result<ImageVolume> LoadVolume(const SeriesInfo& info, RunContext& run) {
  Check(info.frames.size() == static_cast<std::size_t>(info.geometry.slices),
        "LoadVolume: frames differ from slices");
  if (info.geometry.VoxelCount() > kMaxVoxels) {
    return Unsupported(fmt::format("series {}: {} voxels, more than {}", info.series_instance_uid,
                                   info.geometry.VoxelCount(), kMaxVoxels));
  }
  const std::string series = std::to_string(info.series_number);
  const bool is_adc = info.contrast == Contrast::kAdc;
  ReadAs as{is_adc ? ValueKind::kAdc : ValueKind::kSignal, WordUse::kStated};
  auto loaded = LoadSlices(info, as, run);
  if (!loaded) return std::move(loaded).error();
  as.word_use = JudgeOutsideBits(loaded->outside_bits);
  SayBits(series, loaded->outside_bits, as.word_use, run);
  if (as.word_use == WordUse::kWhole) loaded = LoadSlices(info, as, run);
  if (!loaded) return std::move(loaded).error();
  Volume<float>& voxels = loaded->voxels;
  if (!loaded->padding.empty()) RemovePadding(voxels, loaded->padding);
  FillMissing(info, voxels);
  if (is_adc) NormaliseAdc(series, loaded->um2_per_s, voxels, run);
  if (loaded->lossy) {
    run.AddCaveat("lossy_compression",
                  "Series " + series +
                      " went through lossy compression: small and mild lesions may be changed.",
                  {series});
  }
  return ImageVolume{info, std::move(voxels)};
}

}  // namespace osteon
