// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/receiver.h"

#include <fmt/core.h>

#include <unistd.h>

#include <algorithm>

#include "daemon/worker/spool.h"
#include "pipelines/base/log.h"

namespace osteon {

Receiver::Receiver(const protocol::Job& job, std::filesystem::path folder)
    : lease_(job.lease), instances_(job.instances), folder_(std::move(folder)) {
  for (const protocol::JobInstance& instance : instances_) {
    first_piece_.push_back(total_);
    total_ += protocol::ChunkCount(instance.bytes);
  }
}

std::uint32_t Receiver::InstanceOf(std::uint64_t piece) const {
  const auto after = std::upper_bound(first_piece_.begin(), first_piece_.end(), piece);
  return static_cast<std::uint32_t>(after - first_piece_.begin() - 1);
}

std::filesystem::path Receiver::FileOf(std::uint32_t instance) const {
  const std::string name = fmt::format("{:06}.dcm", instance);
  const bool prior = instances_[instance].role == protocol::InstanceRole::kPrior;
  return folder_ / (prior ? kPriorFolder : kStudyFolder) / name;
}

std::optional<protocol::Fetch> Receiver::NextFetch() const {
  const std::uint64_t in_flight = asked_ - next_;
  if (asked_ == total_ || in_flight > kGrant) return std::nullopt;
  const std::uint32_t instance = InstanceOf(asked_);
  protocol::Fetch fetch;
  fetch.lease = lease_;
  fetch.instance = instance;
  fetch.offset = (asked_ - first_piece_[instance]) * protocol::kChunkBytes;
  fetch.credit = static_cast<std::uint32_t>(std::min(kGrant, total_ - asked_));
  return fetch;
}

double Receiver::fraction() const {
  return total_ == 0 ? 1 : static_cast<double>(next_) / static_cast<double>(total_);
}

Status Receiver::Take(const protocol::Instance& piece) {
  if (Complete()) return {};
  const std::uint32_t instance = InstanceOf(next_);
  const std::uint64_t offset = (next_ - first_piece_[instance]) * protocol::kChunkBytes;
  const std::uint64_t bytes = instances_[instance].bytes;
  if (piece.instance != instance || piece.offset != offset ||
      piece.bytes.size() != protocol::ChunkSize(bytes, offset)) {
    return {};
  }
  const std::filesystem::path file = FileOf(instance);
  if (offset == 0) {
    ::unlink(file.c_str());  // Of an earlier try.
    Result<Fd> fd = CreateFile(file);
    if (!fd) return std::move(fd).error();
    file_ = std::move(fd).value();
    md5_ = Digest(DigestKind::kMd5);
  }
  if (Status status = WriteAll(file_.get(), piece.bytes, file); !status) return status;
  md5_.Update(piece.bytes);
  ++next_;
  asked_ = std::max(asked_, next_);
  if (offset + piece.bytes.size() < bytes) return {};
  return FinishInstance(instance);
}

Status Receiver::FinishInstance(std::uint32_t instance) {
  file_.Reset();
  if (md5_.FinishHex() == instances_[instance].md5) {
    tries_ = 1;
    return {};
  }
  const std::string& uid = instances_[instance].sop_instance_uid;
  LogWarning(fmt::format("job {}: instance {} arrived damaged, try {}", lease_.job, uid, tries_));
  if (++tries_ > kMaxTries) {
    return Unavailable(fmt::format(
        "instance {} arrived damaged {} times (its MD5 is not the announced one)", uid, kMaxTries));
  }
  next_ = first_piece_[instance];
  AskAgain();
  return {};
}

}  // namespace osteon
