// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/offer.h"

#include "pipelines/base/log.h"

namespace osteon {

using protocol::ResultManifest;

void Offer::Advance(SteadyMs now, const Send& send) {
  if (step_ == Step::kWaiting && now < again_at_) return;
  if (step_ == Step::kWaiting) step_ = Step::kManifest;
  if (step_ == Step::kManifest && !SendManifest(send)) return;
  for (int i = 0; i < kMaxPieces && step_ == Step::kPieces; ++i) {
    if (!SendPiece(send)) break;
  }
  again_at_ = now + again_after_ms_;
}

bool Offer::SendManifest(const Send& send) {
  if (!send(spooled_.outcome)) return false;
  const auto* result = std::get_if<ResultManifest>(&spooled_.outcome);
  document_ = 0;
  offset_ = 0;
  step_ = result == nullptr || result->documents.empty() ? Step::kWaiting : Step::kPieces;
  return true;
}

bool Offer::SendPiece(const Send& send) {
  const auto& result = std::get<ResultManifest>(spooled_.outcome);
  const protocol::ResultDocument& document = result.documents[document_];
  const std::size_t size = protocol::ChunkSize(document.bytes, offset_);
  Result<std::string> bytes =
      ReadPiece(spooled_.folder / kOutFolder / document.name, offset_, size);
  if (!bytes) {
    // Tried again later, since the disk may come back. Until then the lease runs out.
    LogError("spooled result of job " + result.lease.job + ": " + bytes.error().message());
    step_ = Step::kWaiting;
    return false;
  }
  const protocol::ResultChunk chunk{result.lease, document_, offset_, *std::move(bytes)};
  if (!send(chunk)) return false;
  offset_ += size;
  if (offset_ == document.bytes) {
    offset_ = 0;
    ++document_;
  }
  if (document_ == result.documents.size()) step_ = Step::kWaiting;
  return true;
}

}  // namespace osteon
