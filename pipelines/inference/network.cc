// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/inference/network.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <utility>

#include "pipelines/base/digest.h"

namespace osteon {

struct Network::Impl {
  cv::dnn::Net net;
};

namespace {

Result<std::string> ReadBytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return InvalidInput("network file is missing: " + file.string());
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

}  // namespace

Network::Network(NetworkCard card, std::unique_ptr<Impl> impl)
    : card_(std::move(card)), impl_(std::move(impl)) {}
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;
Network::~Network() = default;

Result<Network> Network::Load(const NetworkCard& card) {
  Result<std::string> bytes = ReadBytes(card.file);
  if (!bytes) return std::move(bytes).error();
  const std::string found = Sha256Hex(*bytes);
  if (found != card.sha256) {
    return InvalidInput("network file " + card.file.string() +
                        " is damaged or was replaced: SHA-256 is " + found + ", its card says " +
                        card.sha256);
  }
  // OpenCV throws cv::Exception.
  try {
    auto impl = std::make_unique<Impl>();
    impl->net = cv::dnn::readNetFromONNX(bytes->data(), bytes->size());
    impl->net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    impl->net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    // OpenCV divides a layer by the number of threads, and the division changes the last bits.
    cv::setNumThreads(1);
    return Network(card, std::move(impl));
  } catch (const std::exception& e) {
    return InvalidInput("network file " + card.file.string() +
                        " cannot be run by OpenCV: " + e.what());
  }
}

Result<Planes> Network::Run(const Planes& input) {
  if (input.channels != card_.input_channels) {
    return InvalidInput("network " + card_.name + " takes " + std::to_string(card_.input_channels) +
                        " channels, not " + std::to_string(input.channels));
  }
  try {
    const int size[] = {1, input.channels, input.rows, input.columns};
    // OpenCV takes a non-const pointer but only reads from an input.
    const cv::Mat blob(4, size, CV_32F, const_cast<float*>(input.values.data()));
    impl_->net.setInput(blob);
    const cv::Mat out = impl_->net.forward();
    if (out.dims != 4 || out.size[1] != static_cast<int>(card_.outputs.size()) ||
        out.size[2] != input.rows || out.size[3] != input.columns) {
      return InvalidInput("network " + card_.name +
                          ": output has another shape than its card says");
    }
    Planes planes(out.size[1], out.size[2], out.size[3]);
    std::copy_n(out.ptr<float>(), planes.values.size(), planes.values.begin());
    return planes;
  } catch (const std::exception& e) {
    return Internal("network " + card_.name + ": " + e.what());
  }
}

}  // namespace osteon
