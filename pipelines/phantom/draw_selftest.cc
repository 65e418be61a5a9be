// SPDX-License-Identifier: GPL-3.0-or-later
// Run by the build: draws the study of the plugin's self-test, as one file (packed_study.h).
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "pipelines/phantom/phantom.h"
#include "pipelines/truth/packed_study.h"

namespace osteon {
namespace {

namespace fs = std::filesystem;

// Chosen: small, since the plugin carries it (34 images, 4 MB), and a body whose five lesions are
// all found, with their volumes and nothing else.
PhantomOptions Options(const fs::path& folder) {
  PhantomOptions options;
  options.out = folder;
  options.seed = 3;
  options.lesions = 5;
  options.age_years = 20;
  options.height_mm = 1200;
  options.in_plane_mm = 3;
  options.slice_mm = 6;
  options.gap_mm = 1.5;
  options.patient_id = "OSTEON-SELFTEST";
  options.patient_name = "Selftest^Osteon";
  return options;
}

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Status Draw(const fs::path& to) {
  const fs::path folder = to.string() + ".study";
  std::error_code error;
  fs::remove_all(folder, error);
  RunContext run;
  const Result<PhantomTruth> truth = WritePhantom(Options(folder), run);
  if (!truth) return truth.error();
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "dicom", error))
    if (entry.is_regular_file()) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> files;
  files.reserve(paths.size());
  for (const fs::path& path : paths) files.push_back(ReadAll(path));
  const PackedStudy study{
      truth->study_instance_uid, DrawnLesions(*truth), {files.begin(), files.end()}};
  std::ofstream out(to, std::ios::binary);
  const std::string packed = Pack(study);
  out.write(packed.data(), static_cast<std::streamsize>(packed.size()));
  fs::remove_all(folder, error);
  return out.flush() ? Status() : Unavailable("cannot write " + to.string());
}

}  // namespace
}  // namespace osteon

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const osteon::Status drawn = osteon::Draw(arguments[1]);
  if (!drawn) std::fprintf(stderr, "%s\n", drawn.error().message().c_str());
  return drawn ? 0 : 1;
}
