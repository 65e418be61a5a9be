// SPDX-License-Identifier: GPL-3.0-or-later
// Any file as a prior report: an answer, and a tree within the limits the reader promises.
#include <algorithm>

#include "pipelines/base/result.h"
#include "pipelines/dicom/sr_reader.h"
#include "tests/fuzz/scratch_file.h"

namespace {

int DepthOf(const osteon::SrNode& node) {
  int deepest = 0;
  for (const osteon::SrNode& child : node.children) deepest = std::max(deepest, DepthOf(child));
  return deepest + 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const osteon::ScratchFile file;
  file.Write(data, size);
  osteon::ReadFilePatient(file.path());
  const auto sr = osteon::ReadSrFile(file.path());
  if (sr) osteon::Check(DepthOf(sr->root) <= 33, "a tree is no deeper than 32 below its root");
  return 0;
}
