// SPDX-License-Identifier: GPL-3.0-or-later
// Reads any file as a prior report. The tree must be within the reader's limits, and its lesions
// must have a number and a site.
#include <algorithm>

#include "pipelines/dicom/prior/prior_reader.h"
#include "pipelines/dicom/prior/sr_reader.h"
#include "tests/fuzz/scratch_file.h"

namespace {

int DepthOf(const osteon::SrNode& node) {
  int deepest = 0;
  for (const osteon::SrNode& child : node.children) deepest = std::max(deepest, DepthOf(child));
  return deepest + 1;
}

// Reads it as the prior of another study and as the predecessor of its own.
void CheckPrior(const std::filesystem::path& folder, const osteon::SrFile& sr) {
  osteon::RunContext run;
  osteon::Study later;
  later.study_instance_uid = "2.25.1";
  const auto prior = osteon::ReadPriorReport(folder, later, run);
  osteon::Check(prior.ok(), "a bad report is a caveat");
  if (!prior->has_value()) return;
  for (const osteon::Lesion& lesion : (*prior)->lesions) {
    osteon::Check(lesion.number > 0 && lesion.unit > 0, "a lesion has a number and a place");
  }
  osteon::Study same;
  same.study_instance_uid = sr.study_instance_uid;
  osteon::Check(osteon::FindPredecessors(folder, same, "", run).ok(), "a report is found or not");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const osteon::ScratchFile file;
  file.Write(data, size);
  osteon::ReadFilePatient(file.path());
  const auto sr = osteon::ReadSrFile(file.path());
  if (!sr) return 0;
  osteon::Check(DepthOf(sr->root) <= 33, "a tree is no deeper than 32 below its root");
  CheckPrior(file.folder(), *sr);
  return 0;
}
