// SPDX-License-Identifier: GPL-3.0-or-later
// Runs only the skeleton and detection stages on a raw volume or on a study, to train the
// classifier (judge) and to measure other ones:
//   detect_volume MODEL_DIR THREADS OUT < list
// Each line of the list: NAME VOLUME.f32 COLUMNS ROWS SLICES PIXEL_MM SLICE_MM (floats, column
// fastest, head and front first), or NAME FOLDER of DICOM files. Writes OUT/NAME.json (candidates,
// grid) and OUT/NAME.labels.u16, and with THREADS > 0 prints the stage times.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "pipelines/dicom/headers/study_reader.h"
#include "pipelines/dicom/images/volume_loader.h"
#include "pipelines/selection/choose.h"
#include "pipelines/stages/detect/detect.h"
#include "pipelines/stages/series/compose.h"
#include "pipelines/stages/skeleton/locate_skeleton.h"

namespace osteon {
namespace {

struct Job {
  std::string name, file;  // A raw volume, or a folder when `geometry` is empty.
  VolumeGeometry geometry;
};

bool ParseJob(const std::string& line, Job& job) {
  std::istringstream in(line);
  double pixel_mm = 0, slice_mm = 0;
  VolumeGeometry& g = job.geometry;
  if (!(in >> job.name >> job.file)) return false;
  if (!(in >> g.columns)) {
    g = {};
    return true;
  }
  if (!(in >> g.rows >> g.slices >> pixel_mm >> slice_mm)) return false;
  g.patient_from_voxel = {{pixel_mm, 0, 0}, {0, 0, -pixel_mm}, {0, slice_mm, 0}, {0, 0, 0}};
  return true;
}

Volume<float> ReadVolume(const Job& job) {
  Volume<float> volume(job.geometry);
  std::ifstream in(job.file, std::ios::binary);
  in.read(reinterpret_cast<char*>(volume.voxels().data()),
          static_cast<std::streamsize>(volume.size() * sizeof(float)));
  Check(static_cast<bool>(in), "the volume file is shorter than its line says");
  return volume;
}

Result<ComposedVolume> ComposeStudy(const std::filesystem::path& folder, RunContext& run) {
  Result<Study> study = ReadStudy(folder, {}, run);
  if (!study) return std::move(study).error();
  const Selection selection = ChooseSeries(*study, {});
  if (selection.choice.stir.empty()) return InvalidInput(folder.string() + ": " + selection.reason);
  return ComposeBody(*study, selection.choice, LoadVolume, {}, run);
}

nlohmann::json GridOf(const VolumeGeometry& g) {
  const Affine& a = g.patient_from_voxel;
  const auto list = [](const Vec3& v) { return nlohmann::json{v.x, v.y, v.z}; };
  return {{"shape", {g.slices, g.rows, g.columns}},
          {"origin", list(a.origin)},
          {"column", list(a.step_i)},
          {"row", list(a.step_j)},
          {"slice", list(a.step_k)}};
}

nlohmann::json Describe(const Skeleton& skeleton, const LesionMap& map) {
  nlohmann::json out;
  out["scale"] = skeleton.maps.scale;
  for (const Candidate& c : map.candidates) {
    out["candidates"].push_back({{"label", c.label},
                                 {"unit", UnitOf(c.unit).key},
                                 {"judgement", Name(c.judgement)},
                                 {"probability", c.probability},
                                 {"features", c.features},
                                 {"reasons", c.reasons}});
  }
  for (const UnitFrame& f : skeleton.frames) {
    out["units"][UnitOf(f.unit).key] = {
        {"ml", f.volume_ml}, {"confidence", f.confidence}, {"length_mm", f.length_mm}};
  }
  for (UnitId id : skeleton.not_imaged) out["not_imaged"].push_back(UnitOf(id).key);
  for (const Physis& p : skeleton.physes) {
    out["physes"].push_back(
        {{"unit", UnitOf(p.unit).key}, {"point", {p.point.x, p.point.y, p.point.z}}});
  }
  out["anchors"] = {{"muscle", map.anchors.muscle},
                    {"fluid", map.anchors.fluid.value_or(-1)},
                    {"noise", map.anchors.noise}};
  return out;
}

int RunOne(const Job& job, const SkeletonOptions& where, const DetectOptions& how,
           const std::string& out_dir) {
  RunContext run;
  ComposedVolume volume;
  if (job.geometry.columns > 0) {
    volume.stir = ReadVolume(job);
  } else {
    auto composed = ComposeStudy(job.file, run);
    if (!composed) {
      std::fprintf(stderr, "%s: %s\n", job.name.c_str(), composed.error().message().c_str());
      return 1;
    }
    volume = *std::move(composed);
  }
  auto skeleton = [&] {
    auto timer = run.Timed("skeleton", 0);
    return LocateSkeleton(volume, where, run);
  }();
  if (!skeleton) {
    std::fprintf(stderr, "%s: %s\n", job.name.c_str(), skeleton.error().message().c_str());
    return 1;
  }
  auto map = [&] {
    auto timer = run.Timed("detect", 0);
    return DetectLesions(volume, *skeleton, how, run);
  }();
  if (!map) {
    std::fprintf(stderr, "%s: %s\n", job.name.c_str(), map.error().message().c_str());
    return 1;
  }
  nlohmann::json described = Describe(*skeleton, *map);
  described["grid"] = GridOf(volume.stir.geometry());
  std::ofstream(out_dir + "/" + job.name + ".json") << described.dump(1) << "\n";
  const auto labels = map->labels.voxels();
  std::ofstream(out_dir + "/" + job.name + ".labels.u16", std::ios::binary)
      .write(reinterpret_cast<const char*>(labels.data()),
             static_cast<std::streamsize>(labels.size_bytes()));
  std::printf("%s: %zu candidates", job.name.c_str(), map->candidates.size());
  for (const StageTime& t : run.stage_times())
    std::printf(", %s %.2f s", t.stage.c_str(), t.seconds);
  std::printf("\n");
  std::fflush(stdout);
  return 0;
}

int RunAll(const char* models, int threads, const char* out_dir) {
  SkeletonOptions where{models, threads};
  DetectOptions how;
  how.model_dir = models;
  int failures = 0;
  for (std::string line; std::getline(std::cin, line);) {
    Job job;
    if (line.empty()) continue;
    failures += ParseJob(line, job) ? RunOne(job, where, how, out_dir) : 1;
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace osteon

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "detect_volume MODEL_DIR THREADS OUT < list\n");
    return 2;
  }
  try {
    return osteon::RunAll(argv[1], std::atoi(argv[2]), argv[3]);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "detect_volume: %s\n", e.what());
    return 1;
  }
}
