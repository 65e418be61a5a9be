// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/sha256.h"

#include <gtest/gtest.h>

namespace osteon {
namespace {

// The examples of FIPS 180-4 (NIST CSRC), and the empty message.
TEST(Sha256, AgreesWithThePublishedExamples) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};
  for (const auto& [message, digest] : cases) EXPECT_EQ(Sha256Hex(message), digest);
}

TEST(Sha256, PiecesOfAnySizeGiveTheSameDigest) {
  const std::string message(1000, 'x');
  for (std::size_t piece : {1U, 3U, 63U, 64U, 65U, 999U}) {
    Sha256 hash;
    for (std::size_t at = 0; at < message.size(); at += piece) {
      hash.Update(std::string_view(message).substr(at, piece));
    }
    EXPECT_EQ(ToHex(hash.Finish()), Sha256Hex(message)) << piece;
  }
}

}  // namespace
}  // namespace osteon
