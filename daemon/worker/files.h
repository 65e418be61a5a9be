// SPDX-License-Identifier: GPL-3.0-or-later
// Files that survive a power cut, and descriptors that close themselves. Errors: kUnavailable with
// the file's name and the system's reason (disk full, no permission): a retry can help once someone
// has made room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"

namespace osteon {

// Owns a file descriptor. Move-only.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { Reset(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      Reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void Reset();

 private:
  int fd_ = -1;
};

// "what path: reason" from errno.
Error SystemError(std::string_view what, const std::filesystem::path& path);

// Creates the folder with mode 0700. An existing one must belong to this user and be closed to
// others (kInvalidInput).
Status MakePrivateFolder(const std::filesystem::path& path);

// Creates a new file, mode 0600; an existing file or link is an error.
Result<Fd> CreateFile(const std::filesystem::path& path);
Status WriteAll(int fd, std::string_view bytes, const std::filesystem::path& path);

// Writes a temporary file, syncs it, renames it and syncs the folder: afterwards `path` is
// complete, or after an error as it was before.
Status WriteDurably(const std::filesystem::path& path, std::string_view bytes);
Status SyncFolder(const std::filesystem::path& folder);
// The rename is on disk when this returns.
Status RenameDurably(const std::filesystem::path& from, const std::filesystem::path& to);

// At most `max_bytes`; a longer file is kInvalidInput. Follows links (configuration is often one).
Result<std::string> ReadFile(const std::filesystem::path& path, std::uint64_t max_bytes);
// Exactly `size` bytes from `offset`; a link is refused.
Result<std::string> ReadPiece(const std::filesystem::path& path, std::uint64_t offset,
                              std::size_t size);

// Free for an unprivileged user.
Result<std::uint64_t> FreeBytes(const std::filesystem::path& folder);

}  // namespace osteon
