// SPDX-License-Identifier: GPL-3.0-or-later
// Puts a result together: the manifest, then its documents in order, piece by piece. Pure.
#pragma once

#include <string>
#include <vector>

#include "daemon/protocol/messages.h"
#include "pipelines/base/result.h"

namespace osteon::plugin {

struct ReceivedDocument {
  protocol::ResultDocument announced;
  std::string bytes;
};

class Assembly {
 public:
  explicit Assembly(protocol::ResultManifest manifest) : manifest_(std::move(manifest)) {}

  enum class Took { kMore, kComplete, kDropped };
  // Takes the next piece; any other is dropped (the worker sends the whole result again). Errors:
  // kUnavailable when a document is complete and its hash is wrong: damaged on the way.
  Result<Took> Add(const protocol::ResultChunk& chunk);

  const protocol::ResultManifest& manifest() const { return manifest_; }
  // REQUIRES: Add said kComplete.
  std::vector<ReceivedDocument> TakeDocuments() && { return std::move(documents_); }

 private:
  protocol::ResultManifest manifest_;
  std::vector<ReceivedDocument> documents_;  // The last one may be incomplete.
};

}  // namespace osteon::plugin
