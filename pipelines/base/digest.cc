// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/digest.h"

#include <openssl/evp.h>

#include "pipelines/base/result.h"

namespace osteon {
namespace {

std::string ToHex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

std::string HexOf(DigestKind kind, std::string_view bytes) {
  Digest digest(kind);
  digest.Update(bytes);
  return digest.FinishHex();
}

}  // namespace

Digest::Digest(DigestKind kind) : context_(EVP_MD_CTX_new()) {
  const EVP_MD* const algorithm = kind == DigestKind::kMd5 ? EVP_md5() : EVP_sha256();
  Check(context_ != nullptr && EVP_DigestInit_ex(context_.get(), algorithm, nullptr) == 1,
        "libcrypto cannot start a digest");
}

Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

void Digest::Update(std::string_view bytes) {
  Check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1,
        "libcrypto cannot go on with a digest");
}

std::string Digest::FinishBytes() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned length = 0;
  Check(EVP_DigestFinal_ex(context_.get(), bytes.data(), &length) == 1,
        "libcrypto cannot finish a digest");
  return {reinterpret_cast<const char*>(bytes.data()), length};
}

std::string Digest::FinishHex() { return ToHex(FinishBytes()); }

std::string Sha256Hex(std::string_view bytes) { return HexOf(DigestKind::kSha256, bytes); }
std::string Md5Hex(std::string_view bytes) { return HexOf(DigestKind::kMd5, bytes); }

}  // namespace osteon
