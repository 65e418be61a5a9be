// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/inference/boosted_trees.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "pipelines/base/digest.h"

namespace osteon {
namespace {

// Children must come after their parent, so that every walk down a tree ends.
bool IsSound(const DecisionTree& tree, std::size_t features) {
  const std::size_t n = tree.feature.size();
  if (n == 0 || tree.threshold.size() != n || tree.left.size() != n || tree.right.size() != n ||
      tree.value.size() != n) {
    return false;
  }
  for (std::size_t node = 0; node < n; ++node) {
    if (tree.feature[node] < 0) continue;
    if (static_cast<std::size_t>(tree.feature[node]) >= features) return false;
    for (const int child : {tree.left[node], tree.right[node]}) {
      if (child <= static_cast<int>(node) || child >= static_cast<int>(n)) return false;
    }
  }
  return true;
}

}  // namespace

Result<BoostedTrees> ReadBoostedTrees(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return InvalidInput("classifier is missing: " + file.string());
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  BoostedTrees model;
  model.sha256 = Sha256Hex(bytes);
  // nlohmann-json throws on a value of another type than asked for.
  try {
    const auto json = nlohmann::json::parse(bytes);
    model.version = json.at("version").get<std::string>();
    model.features = json.at("features").get<std::vector<std::string>>();
    model.bias = json.at("bias").get<double>();
    model.calibration_slope = json.at("calibration").at("slope").get<double>();
    model.calibration_offset = json.at("calibration").at("offset").get<double>();
    model.calibration_company = json.at("calibration").value("company", 0.0);
    for (const auto& t : json.at("trees")) {
      DecisionTree tree{t.at("feature"), t.at("threshold"), t.at("left"), t.at("right"),
                        t.at("value")};
      if (!IsSound(tree, model.features.size())) {
        return InvalidInput(
            fmt::format("classifier {}: tree {} is damaged", file.string(), model.trees.size()));
      }
      model.trees.push_back(std::move(tree));
    }
  } catch (const std::exception& e) {
    return InvalidInput("classifier " + file.string() + ": " + e.what());
  }
  return model;
}

Status CheckFeatures(const BoostedTrees& model, const std::filesystem::path& file,
                     const std::map<std::string, double>& measured) {
  for (const std::string& name : model.features)
    if (!measured.contains(name))
      return InvalidInput("classifier " + file.string() + " wants the feature '" + name +
                          "', which this program does not measure: use the file of this version, "
                          "or one that was trained with it");
  return {};
}

Verdict Judge(const BoostedTrees& model, const std::map<std::string, double>& values) {
  std::vector<double> x;
  for (const std::string& name : model.features) {
    const auto found = values.find(name);
    x.push_back(found == values.end() ? 0.0 : found->second);
  }
  std::vector<double> moved(model.features.size(), 0.0);
  double log_odds = model.bias;
  for (const DecisionTree& tree : model.trees) {
    std::size_t node = 0;
    while (tree.feature[node] >= 0) {
      const auto f = static_cast<std::size_t>(tree.feature[node]);
      const auto next = static_cast<std::size_t>(x[f] <= tree.threshold[node] ? tree.left[node]
                                                                              : tree.right[node]);
      moved[f] += tree.value[next] - tree.value[node];
      node = next;
    }
    log_odds += tree.value[node];
  }
  Verdict verdict;
  verdict.log_odds = log_odds;
  const double calibrated = model.calibration_slope * log_odds + model.calibration_offset;
  verdict.probability = 1 / (1 + std::exp(-calibrated));
  for (std::size_t f = 0; f < moved.size(); ++f)
    verdict.contributions.emplace_back(model.features[f], moved[f]);
  std::sort(verdict.contributions.begin(), verdict.contributions.end(),
            [](const auto& a, const auto& b) {
              if (std::abs(a.second) != std::abs(b.second))
                return std::abs(a.second) > std::abs(b.second);
              return a.first < b.first;
            });
  return verdict;
}

}  // namespace osteon
