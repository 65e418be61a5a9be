// SPDX-License-Identifier: GPL-3.0-or-later
// Receives the instances of one job, piece by piece, into its run folder. Asks ahead, so that the
// connection is never idle and at most 2 x kGrant pieces are under way; asks again for what is
// lost. Thread-compatible.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "daemon/protocol/messages.h"
#include "daemon/worker/files.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"

namespace osteon {

class Receiver {
 public:
  // `folder` has study/ and prior/; instance 7 becomes study/000007.dcm.
  Receiver(const protocol::Job& job, std::filesystem::path folder);

  // What to ask for now, if anything. Once it is sent: MarkAsked, and so on until there is nothing
  // more.
  std::optional<protocol::Fetch> NextFetch() const;
  void MarkAsked(const protocol::Fetch& fetch) { asked_ += fetch.credit; }
  // An answer may be lost: asks again from the first piece that is missing.
  void AskAgain() { asked_ = next_; }

  // Writes the piece when it is the next one and drops it when it is not. kUnavailable when the
  // disk does not take it, or when an instance had the wrong MD5 three times.
  Status Take(const protocol::Instance& piece);

  bool Complete() const { return next_ == total_; }
  // Share of the pieces that are on disk, 0..1.
  double fraction() const;
  std::uint64_t pieces_taken() const { return next_; }

 private:
  static constexpr std::uint64_t kGrant = 32;  // Pieces asked for at once: 8 MiB.
  static constexpr int kMaxTries = 3;          // Of one instance, as in the protocol's README.

  std::uint32_t InstanceOf(std::uint64_t piece) const;
  std::filesystem::path FileOf(std::uint32_t instance) const;
  Status FinishInstance(std::uint32_t instance);

  protocol::Lease lease_;
  std::vector<protocol::JobInstance> instances_;
  std::filesystem::path folder_;
  // Pieces are counted through the whole job: instance i begins with piece first_piece_[i].
  std::vector<std::uint64_t> first_piece_;
  std::uint64_t total_ = 0;
  std::uint64_t next_ = 0;   // First piece that is not on disk.
  std::uint64_t asked_ = 0;  // First piece that was not asked for.
  Fd file_;                  // Of the instance of next_, when it has begun.
  Digest md5_{DigestKind::kMd5};
  int tries_ = 1;
};

}  // namespace osteon
