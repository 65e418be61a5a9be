// SPDX-License-Identifier: GPL-3.0-or-later
// Sends one outcome to the plugin: the manifest, then the pieces of its documents as fast as the
// connection takes them; then waits for COMMITTED, and starts anew when that does not come.
// Documents stay on disk; one piece is in memory at a time. Thread-compatible.
#pragma once

#include <functional>

#include "daemon/protocol/messages.h"
#include "daemon/worker/spool.h"
#include "pipelines/base/clock.h"

namespace osteon {

class Offer {
 public:
  using Send = std::function<bool(const protocol::Message&)>;

  Offer(SpooledOffer spooled, SteadyMs again_after_ms)
      : spooled_(std::move(spooled)), again_after_ms_(again_after_ms) {}

  // From the start, at the next Advance.
  void Restart() { step_ = Step::kManifest; }
  // Sends until the connection takes no more, kMaxPieces are sent, or nothing is left; starts anew
  // when the answer is overdue.
  void Advance(SteadyMs now, const Send& send);
  // There is more to send as soon as the connection takes it.
  bool WantsToWrite() const { return step_ != Step::kWaiting; }

  const protocol::Lease& lease() const { return LeaseOf(spooled_); }
  const SpooledOffer& spooled() const { return spooled_; }
  SpooledOffer Release() && { return std::move(spooled_); }

 private:
  enum class Step { kManifest, kPieces, kWaiting };
  // In one Advance, so that other work gets its turn: 4 MiB.
  static constexpr int kMaxPieces = 16;

  bool SendManifest(const Send& send);
  bool SendPiece(const Send& send);

  SpooledOffer spooled_;
  SteadyMs again_after_ms_;
  Step step_ = Step::kManifest;
  std::uint32_t document_ = 0;
  std::uint64_t offset_ = 0;
  SteadyMs again_at_ = 0;
};

}  // namespace osteon
