// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/assembly.h"

#include "pipelines/base/digest.h"

namespace osteon::plugin {

Result<Assembly::Took> Assembly::Add(const protocol::ResultChunk& chunk) {
  const bool inside =
      !documents_.empty() && documents_.back().bytes.size() < documents_.back().announced.bytes;
  const std::size_t next = documents_.size() - (inside ? 1 : 0);
  if (next >= manifest_.documents.size() || chunk.document != next) return Took::kDropped;
  const protocol::ResultDocument& announced = manifest_.documents[next];
  const std::uint64_t have = inside ? documents_.back().bytes.size() : 0;
  if (chunk.offset != have || chunk.bytes.size() != protocol::ChunkSize(announced.bytes, have))
    return Took::kDropped;
  if (!inside) documents_.push_back({announced, {}});
  std::string& bytes = documents_.back().bytes;
  bytes += chunk.bytes;
  if (bytes.size() < announced.bytes) return Took::kMore;
  if (Sha256Hex(bytes) != announced.sha256)
    return Unavailable("document " + announced.name + " was damaged on its way from the worker");
  return documents_.size() == manifest_.documents.size() ? Took::kComplete : Took::kMore;
}

}  // namespace osteon::plugin
