// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace osteon {

namespace fs = std::filesystem;

void Fd::Reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Error SystemError(std::string_view what, const fs::path& path) {
  const std::string reason = std::generic_category().message(errno);
  return Unavailable(std::string(what) + " " + path.string() + ": " + reason);
}

Status MakePrivateFolder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  if (errno != EEXIST) return SystemError("create", path);
  struct stat info = {};
  if (::lstat(path.c_str(), &info) != 0) return SystemError("look at", path);
  if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid()) {
    return InvalidInput(path.string() + " is not a folder of this user");
  }
  if ((info.st_mode & 077) != 0) {
    return InvalidInput(path.string() + " is open to other users: chmod 700 it");
  }
  return {};
}

Result<Fd> CreateFile(const fs::path& path) {
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return SystemError("create", path);
  return fd;
}

Status WriteAll(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Status WriteDurably(const fs::path& path, std::string_view bytes) {
  fs::path beside = path;
  beside += ".part";
  ::unlink(beside.c_str());
  Result<Fd> fd = CreateFile(beside);
  if (!fd) return std::move(fd).error();
  if (Status status = WriteAll(fd->get(), bytes, beside); !status) return status;
  if (::fsync(fd->get()) != 0) return SystemError("sync", beside);
  return RenameDurably(beside, path);
}

Status SyncFolder(const fs::path& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return SystemError("sync", folder);
  return {};
}

Status RenameDurably(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return SystemError("rename", from);
  return SyncFolder(to.parent_path());
}

namespace {

Result<std::string> ReadFrom(int fd, std::uint64_t offset, std::size_t size, const fs::path& path) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t n =
        ::pread(fd, bytes.data() + have, size - have, static_cast<off_t>(offset + have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError("read", path);
    if (n == 0) return InvalidInput(path.string() + " is shorter than expected");
    have += static_cast<std::size_t>(n);
  }
  return bytes;
}

}  // namespace

Result<std::string> ReadFile(const fs::path& path, std::uint64_t max_bytes) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return SystemError("open", path);
  struct stat info = {};
  if (::fstat(fd.get(), &info) != 0) return SystemError("look at", path);
  if (!S_ISREG(info.st_mode)) return InvalidInput(path.string() + " is not a file");
  if (static_cast<std::uint64_t>(info.st_size) > max_bytes) {
    return InvalidInput(path.string() + " is larger than expected");
  }
  return ReadFrom(fd.get(), 0, static_cast<std::size_t>(info.st_size), path);
}

Result<std::string> ReadPiece(const fs::path& path, std::uint64_t offset, std::size_t size) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return SystemError("open", path);
  return ReadFrom(fd.get(), offset, size, path);
}

Result<std::uint64_t> FreeBytes(const fs::path& folder) {
  struct statvfs info = {};
  if (::statvfs(folder.c_str(), &info) != 0) return SystemError("look at", folder);
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

}  // namespace osteon
