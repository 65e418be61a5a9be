// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 for fingerprints, derived UIDs and results; MD5 only to detect damage of files in
// transit, since Orthanc keeps it for every stored file (against attackers there is CURVE).
// OpenSSL's libcrypto computes both.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX.

namespace osteon {

enum class DigestKind { kSha256, kMd5 };

// Feed any number of pieces, then take the digest once. Thread-compatible.
class Digest {
 public:
  explicit Digest(DigestKind kind);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  void Update(std::string_view bytes);
  // 32 bytes (SHA-256) or 16 (MD5). REQUIRES: not called before.
  std::string FinishBytes();
  // The same as lower-case hexadecimal digits.
  std::string FinishHex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);
// 32 lower-case hexadecimal digits.
std::string Md5Hex(std::string_view bytes);

}  // namespace osteon
