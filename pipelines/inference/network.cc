// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/inference/network.h"

#include <fmt/core.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "pipelines/base/digest.h"
#include "pipelines/base/log.h"
#include "pipelines/inference/runner.h"

namespace osteon {
namespace {

Result<std::string> ReadBytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return InvalidInput("network file is missing: " + file.string());
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

Result<std::unique_ptr<Runner>> LoadRunner(std::string_view onnx, int input_channels,
                                           InferenceMethod method) {
  if (method == InferenceMethod::kOpenCv) return LoadOpenCv(onnx);
  if (method != InferenceMethod::kAuto) return LoadOneDnn(onnx, input_channels, method);
  auto fast = LoadOneDnn(onnx, input_channels, InferenceMethod::kOneDnnFloat32);
  if (fast) return fast;
  LogInfo("OpenCV runs the network, oneDNN cannot: " + fast.error().message());
  return LoadOpenCv(onnx);
}

}  // namespace

Network::Network(NetworkCard card, std::unique_ptr<Runner> runner)
    : card_(std::move(card)), runner_(std::move(runner)) {}
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;
Network::~Network() = default;

Result<Network> Network::Load(const NetworkCard& card, InferenceMethod method) {
  Result<std::string> bytes = ReadBytes(card.file);
  if (!bytes) return std::move(bytes).error();
  const std::string found = Sha256Hex(*bytes);
  if (found != card.sha256) {
    return InvalidInput("network file " + card.file.string() +
                        " is damaged or was replaced: SHA-256 is " + found + ", its card says " +
                        card.sha256);
  }
  auto runner = LoadRunner(*bytes, card.input_channels, method);
  if (!runner)
    return InvalidInput("network file " + card.file.string() +
                        " cannot be run: " + runner.error().message());
  return Network(card, *std::move(runner));
}

Result<Planes> Network::Run(const Planes& input) {
  if (input.channels != card_.input_channels) {
    return InvalidInput(fmt::format("network {} takes {} channels, not {}", card_.name,
                                    card_.input_channels, input.channels));
  }
  Result<Planes> out = runner_->Run(input);
  if (!out) return std::move(out).error().During("network " + card_.name);
  if (out->channels != static_cast<int>(card_.outputs.size()) || out->rows != input.rows ||
      out->columns != input.columns) {
    return InvalidInput("network " + card_.name + ": output has another shape than its card says");
  }
  return out;
}

std::string Network::method() const { return runner_->Name(); }

}  // namespace osteon
