// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <utility>

#include "pipelines/inference/runner.h"

namespace osteon {
namespace {

class OpenCvRunner : public Runner {
 public:
  explicit OpenCvRunner(const cv::dnn::Net& net) : net_(net) {}  // A handle.

  Result<Planes> Run(const Planes& input) override {
    try {
      const int size[] = {1, input.channels, input.rows, input.columns};
      // OpenCV takes a non-const pointer but only reads from an input.
      const cv::Mat blob(4, size, CV_32F, const_cast<float*>(input.values.data()));
      net_.setInput(blob);
      const cv::Mat out = net_.forward();
      if (out.dims != 4) return InvalidInput("the output is no image");
      Planes planes(out.size[1], out.size[2], out.size[3]);
      std::copy_n(out.ptr<float>(), planes.values.size(), planes.values.begin());
      return planes;
    } catch (const std::exception& e) {
      return Internal(e.what());
    }
  }

  std::string Name() const override { return "OpenCV " CV_VERSION ", float32"; }

 private:
  cv::dnn::Net net_;
};

}  // namespace

Result<std::unique_ptr<Runner>> LoadOpenCv(std::string_view onnx) {
  // OpenCV throws cv::Exception.
  try {
    cv::dnn::Net net = cv::dnn::readNetFromONNX(onnx.data(), onnx.size());
    net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    // OpenCV divides a layer by the number of threads, and the division changes the last bits.
    cv::setNumThreads(1);
    return std::unique_ptr<Runner>(std::make_unique<OpenCvRunner>(std::move(net)));
  } catch (const std::exception& e) {
    return InvalidInput(e.what());
  }
}

}  // namespace osteon
