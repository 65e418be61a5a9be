// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/protocol/curve_key.h"

#include <fmt/core.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace osteon::protocol {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyCharacters = 40;
constexpr std::size_t kMaxFileBytes = 65'536;  // Chosen: a thousand workers.
constexpr std::string_view kZ85Signs = ".-:+=^!/*?&<>()[]{}@%$#";

Error OfFile(ErrorCode code, const fs::path& path, std::string_view what) {
  return {code, path.string() + ": " + std::string(what)};
}

Error FromSystem(const fs::path& path) {
  const ErrorCode code = errno == EEXIST ? ErrorCode::kInvalidInput : ErrorCode::kUnavailable;
  return OfFile(code, path, std::generic_category().message(errno));
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t begin = std::min(text.find_first_not_of(kSpace), text.size());
  const std::size_t end = text.find_last_not_of(kSpace);
  return end == std::string_view::npos ? std::string_view{} : text.substr(begin, end + 1 - begin);
}

struct Line {
  int number = 0;
  std::string_view first;  // Up to the first space.
  std::string_view rest;
};

std::vector<Line> MeaningfulLines(std::string_view text) {
  std::vector<Line> lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line == "#" || line.starts_with("# ")) continue;
    const std::size_t space = std::min(line.find_first_of(" \t"), line.size());
    lines.push_back({number, line.substr(0, space), Trimmed(line.substr(space))});
  }
  return lines;
}

Error BadLine(const Line& line, std::string_view what) {
  return InvalidInput(fmt::format("line {}: {}", line.number, what));
}

enum class Secrecy { kSecret, kPublic };

// Reads mode and text from one open file, so that nobody can exchange it in between.
Result<std::string> Load(const fs::path& path, Secrecy secrecy) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return FromSystem(path);
  struct stat info = {};
  std::string text(kMaxFileBytes + 1, '\0');
  const bool looked = ::fstat(fd, &info) == 0;
  const ssize_t size = ::read(fd, text.data(), text.size());
  ::close(fd);
  if (!looked || size < 0) return FromSystem(path);
  if (secrecy == Secrecy::kSecret && (info.st_mode & 077) != 0) {
    return OfFile(ErrorCode::kInvalidInput, path,
                  "a secret key that other users may read: chmod 600 it, better make a new one");
  }
  if ((info.st_mode & S_IWOTH) != 0) {
    return OfFile(ErrorCode::kInvalidInput, path, "every user may write it: chmod 644 it");
  }
  text.resize(static_cast<std::size_t>(size));
  if (text.size() > kMaxFileBytes) {
    return OfFile(ErrorCode::kInvalidInput, path, "too large for a key file");
  }
  return text;
}

Status Create(const fs::path& path, const std::string& text, mode_t mode) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  if (fd < 0) return FromSystem(path);
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  const Error error = FromSystem(path);
  ::close(fd);
  if (written) return {};
  ::unlink(path.c_str());
  return error;
}

}  // namespace

bool IsCurveKey(std::string_view text) {
  return text.size() == kKeyCharacters && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  kZ85Signs.find(c) != std::string_view::npos;
         });
}

Result<CurveKeyPair> ParseSecretKeyFile(std::string_view text) {
  CurveKeyPair keys;
  for (const Line& line : MeaningfulLines(text)) {
    const bool known = line.first == "public" || line.first == "secret";
    if (!known) return BadLine(line, "expected 'public' or 'secret' and a key");
    if (!IsCurveKey(line.rest)) return BadLine(line, "not a key of 40 Z85 characters");
    std::string& key = line.first == "public" ? keys.public_key : keys.secret_key;
    if (!key.empty()) return BadLine(line, "given twice");
    key = line.rest;
  }
  if (keys.public_key.empty() || keys.secret_key.empty()) {
    return InvalidInput("needs one line 'public <key>' and one 'secret <key>'");
  }
  return keys;
}

Result<std::vector<CurvePublicKey>> ParsePublicKeyFile(std::string_view text) {
  std::vector<CurvePublicKey> keys;
  for (const Line& line : MeaningfulLines(text)) {
    if (!IsCurveKey(line.first)) return BadLine(line, "does not start with a key of 40 characters");
    keys.push_back({std::string(line.first), std::string(line.rest)});
  }
  return keys;
}

Result<CurveKeyPair> LoadSecretKeyFile(const fs::path& path) {
  Result<std::string> text = Load(path, Secrecy::kSecret);
  if (!text) return std::move(text).error();
  Result<CurveKeyPair> keys = ParseSecretKeyFile(*text);
  if (!keys) return std::move(keys).error().During(path.string());
  return keys;
}

Result<std::vector<CurvePublicKey>> LoadPublicKeyFile(const fs::path& path) {
  Result<std::string> text = Load(path, Secrecy::kPublic);
  if (!text) return std::move(text).error();
  auto keys = ParsePublicKeyFile(*text);
  if (!keys) return std::move(keys).error().During(path.string());
  return keys;
}

Status CreateSecretKeyFile(const fs::path& path, const CurveKeyPair& keys) {
  const std::string text = "# CURVE key pair of Osteon. Keep it secret, mode 0600.\npublic " +
                           keys.public_key + "\nsecret " + keys.secret_key + "\n";
  return Create(path, text, 0600);
}

Status CreatePublicKeyFile(const fs::path& path, const CurvePublicKey& key) {
  return Create(path, key.key + " " + key.name + "\n", 0644);
}

bool IsLocalEndpoint(std::string_view endpoint) {
  if (endpoint.starts_with("ipc://") || endpoint.starts_with("inproc://")) return true;
  constexpr std::string_view kTcp = "tcp://";
  if (!endpoint.starts_with(kTcp)) return false;
  endpoint.remove_prefix(kTcp.size());
  const std::string_view host = endpoint.substr(0, endpoint.rfind(':'));
  if (host == "localhost" || host == "[::1]") return true;
  // "127.evil.example" is a name, not an address: digits and dots only.
  return host.starts_with("127.") &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace osteon::protocol
