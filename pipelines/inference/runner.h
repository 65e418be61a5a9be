// SPDX-License-Identifier: GPL-3.0-or-later
// What runs a network: one library each. For network.cc only; others use network.h.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "pipelines/inference/network.h"

namespace osteon {

class Runner {
 public:
  virtual ~Runner() = default;
  // `input` has the channels that the card says. Errors: kInvalidInput when the network cannot take
  // an image of this size; kInternal when the library fails.
  virtual Result<Planes> Run(const Planes& input) = 0;
  // Library, its version and the precision: "oneDNN 2.6.3, bfloat16".
  virtual std::string Name() const = 0;
};

// `onnx`: the bytes of a file, not kept. Errors: kInvalidInput or kUnsupported with the reason,
// without the file's name.
Result<std::unique_ptr<Runner>> LoadOpenCv(std::string_view onnx);
// Errors as above, and kUnsupported when this processor has no fast way to run it.
Result<std::unique_ptr<Runner>> LoadOneDnn(std::string_view onnx, int input_channels,
                                           InferenceMethod method);

}  // namespace osteon
