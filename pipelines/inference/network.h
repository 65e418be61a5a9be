// SPDX-License-Identifier: GPL-3.0-or-later
// A convolutional network from an ONNX file, run on the CPU by oneDNN or by OpenCV's DNN module.
// README.md says which operators each has, and how fast they are.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon {

class Runner;

// A network as config/models/<name>.json describes it. The file beside it is used only when it has
// this SHA-256, so that the model hash in a report is that of the file that ran; a site that
// installs its own network edits both.
struct NetworkCard {
  std::string name;            // "skeleton"
  std::string version;         // "1"
  std::filesystem::path file;  // The ONNX file, absolute or relative to the working directory.
  std::string sha256;          // 64 lower-case hexadecimal digits.
  int input_channels = 0;
  std::vector<std::string> outputs;  // Meaning of each output channel, in order.
};

// Reads `<model_dir>/<name>.json`. Errors: kInvalidInput names the file and the key.
Result<NetworkCard> ReadNetworkCard(const std::filesystem::path& model_dir,
                                    const std::string& name);

// The folder of the models. Without `wanted`: $OSTEON_MODEL_DIR, then the installed
// share/osteon/models beside the running program, then config/models of the source tree it was
// built from; the first that exists. With `wanted`: its models/ folder, or itself. Errors:
// kUnavailable names all tried.
Result<std::filesystem::path> FindModelDir(const std::filesystem::path& wanted = {});

// Planes of floats, [channel][row][column].
struct Planes {
  int channels = 0, rows = 0, columns = 0;
  std::vector<float> values;

  Planes() = default;
  Planes(int c, int r, int w)
      : channels(c),
        rows(r),
        columns(w),
        values(static_cast<std::size_t>(c) * static_cast<std::size_t>(r) *
               static_cast<std::size_t>(w)) {}
  std::size_t PlaneSize() const {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  }
  float* Plane(int c) { return values.data() + static_cast<std::size_t>(c) * PlaneSize(); }
  const float* Plane(int c) const {
    return values.data() + static_cast<std::size_t>(c) * PlaneSize();
  }
};

enum class InferenceMethod {
  // Float32 by oneDNN where the processor has AVX2 and oneDNN runs the network, else OpenCV.
  kAuto,
  kOpenCv,         // Float32; the reference that the others are compared with.
  kOneDnnFloat32,  // Differs from OpenCV in the last bits.
  // Weights and features have 8 bits of mantissa; sums and logits are float32. Twice as fast as
  // float32, on processors that multiply such numbers (AVX512_BF16, AMX). Not chosen by itself: a
  // small lesion can lose or gain a voxel, and a faint mark can appear or go (README.md).
  kOneDnnBfloat16,
};

// Move-only. Runs on the calling thread alone, so that the result does not depend on the number of
// threads, bit for bit; a caller with more threads loads one network for each. Not thread-safe.
class Network {
 public:
  // Errors: kInvalidInput when the file is missing, damaged (hash), not ONNX, or uses what the
  // library cannot run; a method that was asked for is not replaced by another.
  static Result<Network> Load(const NetworkCard& card,
                              InferenceMethod method = InferenceMethod::kAuto);

  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;
  ~Network();

  // One forward pass. Rows and columns of the output are those of the input.
  // Errors: kInvalidInput when the channels do not fit the card; kInternal when the library fails.
  Result<Planes> Run(const Planes& input);

  const NetworkCard& card() const { return card_; }
  // Library, its version and the precision: "oneDNN 2.6.3, bfloat16".
  std::string method() const;

 private:
  Network(NetworkCard card, std::unique_ptr<Runner> runner);

  NetworkCard card_;
  std::unique_ptr<Runner> runner_;
};

}  // namespace osteon
