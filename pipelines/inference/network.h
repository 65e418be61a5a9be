// SPDX-License-Identifier: GPL-3.0-or-later
// A convolutional network from an ONNX file, run by OpenCV's DNN module on the CPU. README.md says
// which operators that module has.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon {

// What config/models/<name>.json says of a network. The file beside it is only used when its
// SHA-256 is the one here, so that a report's model hash is the hash of what really ran; a site
// that puts its own network in place edits both.
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

// Where models/ is when nobody says: $OSTEON_MODEL_DIR, then the installed share/osteon/models
// beside the running program, then config/models of the source tree it was built from. The first
// that exists; kUnavailable names all tried.
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

// Move-only. Runs on the calling thread alone, so that the answer's bits do not depend on how many
// threads there are: whoever has more threads loads one network for each. Not thread-safe.
class Network {
 public:
  // Errors: kInvalidInput when the file is missing, damaged (hash), not ONNX, or uses what OpenCV
  // cannot run.
  static Result<Network> Load(const NetworkCard& card);

  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;
  ~Network();

  // One forward pass. Rows and columns of the output are those of the input.
  // Errors: kInvalidInput when the channels do not fit the card; kInternal when the library fails.
  Result<Planes> Run(const Planes& input);

  const NetworkCard& card() const { return card_; }

 private:
  struct Impl;
  Network(NetworkCard card, std::unique_ptr<Impl> impl);

  NetworkCard card_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace osteon
