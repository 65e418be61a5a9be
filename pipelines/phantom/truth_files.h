// SPDX-License-Identifier: GPL-3.0-or-later
// The ground truth of a phantom, for scorers: truth.json, and truth.npz for NumPy.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/phantom/body.h"
#include "pipelines/phantom/phantom.h"

namespace osteon::phantom {

struct WrittenSeries {
  std::string series_instance_uid, sequence, description;
  int instances = 0;
};

// Errors: kUnavailable.
Status WriteTruthJson(const std::filesystem::path& file, const PhantomOptions& options,
                      const Body& body, const PhantomTruth& truth,
                      const std::vector<WrittenSeries>& series);
// Arrays `lesions` and `units`, uint8, [z head first, y front first, x right first].
Status WriteTruthArrays(const std::filesystem::path& file, const Body& body);

}  // namespace osteon::phantom
