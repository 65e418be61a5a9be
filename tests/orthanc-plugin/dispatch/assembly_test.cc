// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/assembly.h"

#include <gtest/gtest.h>

#include "pipelines/base/digest.h"

namespace osteon::plugin {
namespace {

const std::string kLong(protocol::kChunkBytes + 10, 'x');
const std::string kShort = "short";

protocol::ResultManifest Manifest() {
  protocol::ResultManifest manifest;
  manifest.lease = {"1", 1};
  manifest.documents = {{"a", "c", "1.1", kLong.size(), Sha256Hex(kLong)},
                        {"b", "c", "1.2", kShort.size(), Sha256Hex(kShort)}};
  return manifest;
}

protocol::ResultChunk Chunk(std::uint32_t document, std::uint64_t offset, std::string bytes) {
  return {{"1", 1}, document, offset, std::move(bytes)};
}

using Took = Assembly::Took;

TEST(Assembly, PiecesInOrderMakeTheDocuments) {
  Assembly assembly(Manifest());
  EXPECT_EQ(*assembly.Add(Chunk(0, 0, kLong.substr(0, protocol::kChunkBytes))), Took::kMore);
  EXPECT_EQ(*assembly.Add(Chunk(0, protocol::kChunkBytes, kLong.substr(protocol::kChunkBytes))),
            Took::kMore);
  EXPECT_EQ(*assembly.Add(Chunk(1, 0, kShort)), Took::kComplete);
  const auto documents = std::move(assembly).TakeDocuments();
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(documents[0].bytes, kLong);
  EXPECT_EQ(documents[1].bytes, kShort);
}

TEST(Assembly, AnythingButTheNextPieceIsDropped) {
  Assembly assembly(Manifest());
  const std::string first = kLong.substr(0, protocol::kChunkBytes);
  EXPECT_EQ(*assembly.Add(Chunk(1, 0, kShort)), Took::kDropped);
  EXPECT_EQ(*assembly.Add(Chunk(0, protocol::kChunkBytes, "0123456789")), Took::kDropped);
  EXPECT_EQ(*assembly.Add(Chunk(0, 0, "too short")), Took::kDropped);
  EXPECT_EQ(*assembly.Add(Chunk(0, 0, first)), Took::kMore);
  EXPECT_EQ(*assembly.Add(Chunk(0, 0, first)), Took::kDropped);
  EXPECT_EQ(*assembly.Add(Chunk(7, 0, first)), Took::kDropped);
}

TEST(Assembly, AWrongHashIsAnError) {
  protocol::ResultManifest manifest = Manifest();
  manifest.documents = {manifest.documents[1]};
  manifest.documents[0].sha256[0] ^= 1;
  Assembly assembly(manifest);
  const auto took = assembly.Add(Chunk(0, 0, kShort));
  ASSERT_FALSE(took.ok());
  EXPECT_EQ(took.error().code(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace osteon::plugin
