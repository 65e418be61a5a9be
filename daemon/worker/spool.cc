// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/spool.h"

#include <fmt/core.h>

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <system_error>

#include "daemon/protocol/frames.h"
#include "pipelines/base/log.h"

namespace osteon {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPrefixBytes = 8;  // Frame 0 of every message.
constexpr std::string_view kRun = "run-";
constexpr std::string_view kOffer = "offer-";

fs::path FolderOf(const fs::path& root, std::string_view kind, const protocol::Lease& lease) {
  return root / fmt::format("{}{}-{}", kind, lease.job, lease.attempt);
}

std::vector<fs::path> FoldersOf(const fs::path& root, std::string_view kind) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(root, error)) {
    if (entry.path().filename().string().starts_with(kind)) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end(), [](const fs::path& a, const fs::path& b) {
    std::error_code ignored;
    return fs::last_write_time(a, ignored) < fs::last_write_time(b, ignored);
  });
  return folders;
}

// Checks that the documents the child names are complete: the disk may have been full.
Status CheckDocuments(const fs::path& folder, const protocol::ResultManifest& result) {
  for (const protocol::ResultDocument& document : result.documents) {
    const fs::path file = folder / kOutFolder / document.name;
    std::error_code error;
    if (!fs::is_regular_file(fs::symlink_status(file, error)) ||
        fs::file_size(file, error) != document.bytes || error) {
      return Internal("the result names " + document.name + ", which is not there in full");
    }
  }
  return {};
}

Status CheckOutcome(const fs::path& folder, const protocol::Message& outcome) {
  if (std::holds_alternative<protocol::Failed>(outcome)) return {};
  const auto* result = std::get_if<protocol::ResultManifest>(&outcome);
  if (result == nullptr) return Internal("the outcome is neither a result nor a failure");
  return CheckDocuments(folder, *result);
}

}  // namespace

Status WriteMessageFile(const fs::path& path, const protocol::Message& message) {
  Result<protocol::Frames> frames = protocol::Encode(message);
  if (!frames) return std::move(frames).error();
  Check(frames->size() == 2, "only messages without bytes go to a file");
  return WriteDurably(path, (*frames)[0] + (*frames)[1]);
}

Result<protocol::Message> ReadMessageFile(const fs::path& path) {
  Result<std::string> bytes = ReadFile(path, protocol::kMaxFrameBytes);
  if (!bytes) return std::move(bytes).error();
  const std::string prefix = bytes->substr(0, kPrefixBytes);
  Result<protocol::Message> message =
      protocol::Decode(protocol::Frames{prefix, bytes->substr(prefix.size())});
  if (!message) return std::move(message).error().During(path.string());
  return message;
}

Result<Spool> Spool::Open(const fs::path& root) {
  std::error_code error;
  fs::create_directories(root.parent_path(), error);
  if (Status status = MakePrivateFolder(root); !status) return std::move(status).error();
  const fs::path lock_file = root / "lock";
  Fd lock(::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return SystemError("open", lock_file);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return Unavailable(root.string() + " is in use by another osteond");
  }
  return Spool(root, std::move(lock));
}

// Without this the plugin would wait until the leases run out.
void Spool::GiveBackRuns() const {
  for (const fs::path& run : FoldersOf(root_, kRun)) {
    const Result<protocol::Message> message = ReadMessageFile(run / kJobFile);
    const auto* job = message ? std::get_if<protocol::Job>(&*message) : nullptr;
    LogInfo("giving back the unfinished " + run.filename().string());
    if (job != nullptr) {
      OfferFailure({job->lease, ErrorCode::kUnavailable, "unknown",
                    "the worker was killed in the middle of it", protocol::Ending::kDied});
    }
    Remove(run);
  }
}

std::vector<SpooledOffer> Spool::LoadOffers() const {
  GiveBackRuns();
  std::vector<SpooledOffer> offers;
  for (const fs::path& folder : FoldersOf(root_, kOffer)) {
    Result<protocol::Message> outcome = ReadMessageFile(folder / kOutcomeFile);
    const Status status = outcome ? CheckOutcome(folder, *outcome) : Status(outcome.error());
    if (status) {
      offers.push_back({folder, std::move(outcome).value()});
    } else {
      LogError("removing a spooled result that cannot be read: " + status.error().message());
      Remove(folder);
    }
  }
  return offers;
}

Result<fs::path> Spool::BeginRun(const protocol::Job& job) const {
  const fs::path run = FolderOf(root_, kRun, job.lease);
  Remove(run);
  Status status;
  for (const fs::path& folder : {run, run / kStudyFolder, run / kPriorFolder, run / kOutFolder}) {
    if (status) status = MakePrivateFolder(folder);
  }
  if (status) status = WriteMessageFile(run / kJobFile, job);
  if (status) return run;
  Remove(run);
  return std::move(status).error();
}

Result<SpooledOffer> Spool::OfferRun(const fs::path& run, const protocol::Job& job) const {
  Result<protocol::Message> outcome = ReadMessageFile(run / kOutcomeFile);
  if (!outcome) return Internal("the analysis left no outcome: " + outcome.error().message());
  if (Status status = CheckOutcome(run, *outcome); !status) return std::move(status).error();
  const fs::path folder = FolderOf(root_, kOffer, job.lease);
  SpooledOffer offer{folder, std::move(outcome).value()};
  if (LeaseOf(offer) != job.lease) return Internal("the outcome is of another job");
  // The images are not needed any more, and the disk is sized for two studies per slot.
  for (const char* input : {kStudyFolder, kPriorFolder, kJobFile}) Remove(run / input);
  Remove(folder);
  if (Status status = RenameDurably(run, folder); !status) return std::move(status).error();
  return offer;
}

SpooledOffer Spool::OfferFailure(const protocol::Failed& failed) const {
  const fs::path folder = FolderOf(root_, kOffer, failed.lease);
  Remove(folder);
  Status status = MakePrivateFolder(folder);
  if (status) status = WriteMessageFile(folder / kOutcomeFile, failed);
  if (status) return {folder, failed};
  Remove(folder);
  LogWarning("a failure is kept in memory only: " + status.error().message());
  return {{}, failed};
}

Result<SpooledOffer> Spool::Relabel(SpooledOffer offer, const protocol::Lease& lease) const {
  std::visit(
      [&]<typename M>(M& outcome) {
        if constexpr (requires { outcome.lease; }) outcome.lease = lease;
      },
      offer.outcome);
  // The lease in the file counts; the folder keeps its old name, which is still unique.
  if (Status status = WriteMessageFile(offer.folder / kOutcomeFile, offer.outcome); !status) {
    return std::move(status).error();
  }
  return offer;
}

void Spool::Remove(const fs::path& folder) const {
  if (folder.empty()) return;
  std::error_code error;
  fs::remove_all(folder, error);
  if (error) LogWarning("cannot remove " + folder.string() + ": " + error.message());
}

const protocol::Lease& LeaseOf(const SpooledOffer& offer) {
  if (const auto* failed = std::get_if<protocol::Failed>(&offer.outcome)) return failed->lease;
  const auto* result = std::get_if<protocol::ResultManifest>(&offer.outcome);
  Check(result != nullptr, "an offer is a result or a failure");
  return result->lease;
}

}  // namespace osteon
