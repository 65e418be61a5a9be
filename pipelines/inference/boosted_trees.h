// SPDX-License-Identifier: GPL-3.0-or-later
// A boosted ensemble of small decision trees from JSON: a calibrated probability, and the
// contribution of each feature to it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon {

// Nodes of one tree as parallel lists; node 0 is the root. A leaf has feature -1.
struct DecisionTree {
  std::vector<int> feature;       // Index into BoostedTrees::features.
  std::vector<double> threshold;  // Left when the value is <= threshold.
  std::vector<int> left, right;
  std::vector<double> value;  // Log-odds of the node, inner nodes too: the mean of what lies below.
};

struct BoostedTrees {
  std::string version;
  std::string sha256;  // Of the file.
  std::vector<std::string> features;
  std::vector<DecisionTree> trees;
  double bias = 0;                                       // Log-odds before any tree.
  double calibration_slope = 1, calibration_offset = 0;  // Platt scaling of the summed log-odds.
  // Added to the calibrated log-odds for each sure lesion elsewhere (stages/detect/company.h); 0 in
  // a file that has none.
  double calibration_company = 0;
};

// Errors: kInvalidInput names the file and the fault: missing, not JSON, a tree with a bad index.
Result<BoostedTrees> ReadBoostedTrees(const std::filesystem::path& file);

// Whether all features of the model are among `measured`. Errors: kInvalidInput names file and
// feature.
Status CheckFeatures(const BoostedTrees& model, const std::filesystem::path& file,
                     const std::map<std::string, double>& measured);

struct Verdict {
  double log_odds = 0;     // Sum of the trees.
  double probability = 0;  // Calibrated, without company.
  // Change of log-odds by feature, largest first (by amount; ties by name).
  std::vector<std::pair<std::string, double>> contributions;
};
// REQUIRES: CheckFeatures passed for the names in `values`; a feature that is missing counts as 0.
Verdict Judge(const BoostedTrees& model, const std::map<std::string, double>& values);

}  // namespace osteon
