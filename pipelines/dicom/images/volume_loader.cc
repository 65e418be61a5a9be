// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/volume_loader.h"

#include <fmt/core.h>
#include <sys/mman.h>

#include <algorithm>
#include <future>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/dicom/images/adc_unit.h"
#include "pipelines/dicom/images/padding.h"
#include "pipelines/dicom/images/pixel_data.h"

namespace osteon {
namespace {

// Nearly every stack has the slices of one file one after another, so one open file is enough.
struct OpenFile {
  std::filesystem::path path;
  std::optional<PixelFile> pixels;
  FrameBuffers buffers;
};

// Asks the system to give memory that is written as a whole by 2 MiB at a time: giving it by 4 KiB
// takes longer than reading a file from the page cache. Where it cannot, nothing is lost.
void UseHugePages(std::span<float> voxels) {
  constexpr std::uintptr_t kPage = std::uintptr_t{2} << 20;
  auto* bytes = std::as_writable_bytes(voxels).data();
  const std::uintptr_t into_page = reinterpret_cast<std::uintptr_t>(bytes) % kPage;
  const std::size_t skipped = into_page == 0 ? 0 : kPage - into_page;
  if (voxels.size_bytes() < skipped + kPage) return;
  const std::size_t whole = (voxels.size_bytes() - skipped) / kPage * kPage;
  ::madvise(bytes + skipped, whole, MADV_HUGEPAGE);
}

// The voxels, and what was found while reading them.
struct Loaded {
  Volume<float> voxels;
  Volume<std::uint8_t> padding;  // PaddingMark; empty without any.
  std::once_flag padding_made;
};

// What was found in some neighbouring slices.
struct Found {
  Status status;
  OutsideBits outside_bits;
  std::optional<double> um2_per_s;
  bool lossy = false;
};

Status LoadSlice(const SeriesInfo& info, int k, const ReadAs& as, OpenFile& open, Loaded& into,
                 Found& found) {
  const FrameSource& source = info.frames[static_cast<std::size_t>(k)];
  if (!open.pixels || open.path != source.path) {
    open.pixels.reset();
    auto file = PixelFile::Open(source.path, info.geometry.columns, info.geometry.rows);
    if (!file) return std::move(file).error();
    open.path = source.path;
    open.pixels = std::move(*file);
  }
  auto facts = open.pixels->ReadFrame(source.frame_number, into.voxels.Slice(k), as, open.buffers);
  if (!facts) return std::move(facts).error();
  if (!facts->padding.empty()) {
    std::call_once(into.padding_made, [&] { into.padding = Volume<std::uint8_t>(info.geometry); });
    std::copy(facts->padding.begin(), facts->padding.end(), into.padding.Slice(k).begin());
  }
  found.outside_bits += facts->outside_bits;
  if (facts->um2_per_s) found.um2_per_s = facts->um2_per_s;
  found.lossy = found.lossy || open.pixels->lossy();
  return {};
}

// Slices from `first` to before `end`; others are left as they are, so that threads share `into`.
Found LoadSome(const SeriesInfo& info, int first, int end, const ReadAs& as, const RunContext& run,
               Loaded& into) {
  Found found;
  OpenFile open;
  for (int k = first; k < end && found.status; ++k) {
    if (run.Cancelled()) found.status = Cancelled("while loading voxels");
    if (!found.status || info.frames[static_cast<std::size_t>(k)].missing()) continue;
    found.status = LoadSlice(info, k, as, open, into, found);
  }
  return found;
}

// Threads that have a file each to read: a file of many frames is not opened twice.
int PartsOf(const SeriesInfo& info, int threads) {
  const auto other_file = [&](const FrameSource& f) {
    return !f.missing() && f.path != info.frames.front().path;
  };
  const auto files = 1 + std::count_if(info.frames.begin(), info.frames.end(), other_file);
  return static_cast<int>(std::clamp<std::ptrdiff_t>(threads, 1, files));
}

// What was found in all slices, as if they had been read one after another.
Result<Found> LoadSlices(const SeriesInfo& info, int threads, const ReadAs& as,
                         const RunContext& run, Loaded& into) {
  const int parts = PartsOf(info, threads), slices = info.geometry.slices;
  const auto begin_of = [&](int part) { return part * slices / parts; };
  std::vector<std::future<Found>> others;
  for (int part = 1; part < parts; ++part) {
    others.push_back(std::async(std::launch::async, [&, part] {
      return LoadSome(info, begin_of(part), begin_of(part + 1), as, run, into);
    }));
  }
  Found all = LoadSome(info, 0, begin_of(1), as, run, into);
  for (auto& other : others) {
    Found found = other.get();
    if (!all.status) continue;  // The first fault is told, as by one thread.
    all.status = std::move(found.status);
    all.outside_bits += found.outside_bits;
    if (found.um2_per_s) all.um2_per_s = found.um2_per_s;
    all.lossy = all.lossy || found.lossy;
  }
  if (!all.status) return std::move(all.status).error();
  return all;
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
  return LoadVolumeOn(1, info, run);
}

Result<ImageVolume> LoadVolumeOn(int threads, const SeriesInfo& info, RunContext& run) {
  Check(info.frames.size() == static_cast<std::size_t>(info.geometry.slices),
        "LoadVolume: frames differ from slices");
  if (info.geometry.VoxelCount() > kMaxVoxels) {
    return Unsupported(fmt::format("series {}: {} voxels, more than {}", info.series_instance_uid,
                                   info.geometry.VoxelCount(), kMaxVoxels));
  }
  const std::string series = std::to_string(info.series_number);
  const bool is_adc = info.contrast == Contrast::kAdc;
  ReadAs as{is_adc ? ValueKind::kAdc : ValueKind::kSignal, WordUse::kStated};
  Loaded loaded{Volume<float>(info.geometry), {}, {}};
  UseHugePages(loaded.voxels.voxels());
  auto found = LoadSlices(info, threads, as, run, loaded);
  if (!found) return std::move(found).error();
  as.word_use = JudgeOutsideBits(found->outside_bits);
  SayBits(series, found->outside_bits, as.word_use, run);
  if (as.word_use == WordUse::kWhole) {
    found = LoadSlices(info, threads, as, run, loaded);
    if (!found) return std::move(found).error();
  }
  Volume<float>& voxels = loaded.voxels;
  if (!loaded.padding.empty()) RemovePadding(voxels, loaded.padding);
  FillMissing(info, voxels);
  if (is_adc) NormaliseAdc(series, found->um2_per_s, voxels, run);
  if (found->lossy) {
    run.AddCaveat("lossy_compression",
                  "Series " + series +
                      " went through lossy compression: small and mild lesions may be changed.",
                  {series});
  }
  return ImageVolume{info, std::move(voxels)};
}

}  // namespace osteon
