// SPDX-License-Identifier: GPL-3.0-or-later
// Passes bytes to a reader that needs a path, by a file in TMPDIR, which run.sh puts into memory.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace osteon {

// One folder per process, with one file in it. The empty folder stays, since the fuzzer ends by a
// signal or _exit.
class ScratchFile {
 public:
  ScratchFile() {
    std::string name = (std::filesystem::temp_directory_path() / "osteon-fuzz-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
  }

  void Write(const std::uint8_t* data, std::size_t size) const {
    std::FILE* file = std::fopen(path().c_str(), "wb");
    if (file == nullptr || std::fwrite(data, 1, size, file) != size) std::abort();
    std::fclose(file);
  }

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path path() const { return folder_ / "input.dcm"; }

 private:
  std::filesystem::path folder_;
};

}  // namespace osteon
