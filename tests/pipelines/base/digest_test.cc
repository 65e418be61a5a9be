// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/digest.h"

#include <gtest/gtest.h>

namespace osteon {
namespace {

// Examples of FIPS 180-4 (NIST CSRC) and RFC 1321 A.5.
TEST(Digest, AgreesWithThePublishedExamples) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Md5Hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(Md5Hex(""), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST(Digest, PiecesOfAnySizeGiveTheSameDigest) {
  const std::string message(1000, 'x');
  for (const std::size_t piece : {1U, 3U, 64U, 999U}) {
    Digest digest(DigestKind::kSha256);
    for (std::size_t at = 0; at < message.size(); at += piece) {
      digest.Update(std::string_view(message).substr(at, piece));
    }
    EXPECT_EQ(digest.FinishHex(), Sha256Hex(message)) << piece;
  }
}

}  // namespace
}  // namespace osteon
