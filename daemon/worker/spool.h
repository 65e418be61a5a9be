// SPDX-License-Identifier: GPL-3.0-or-later
// The worker's folder on disk: studies being received, and outcomes the plugin has not acknowledged
// yet. An offer survives kill -9 and a power cut; a run is deleted at the next start, since the job
// comes back.
//
//   <root>/lock                      held while an osteond runs
//   <root>/run-<job>-<attempt>/      job.frames, study/, prior/, out/, child.log; at the end
//                                    outcome.frames
//   <root>/offer-<job>-<attempt>/    a finished run, renamed: outcome.frames, out/
//   <root>/settings-<hash>.toml      what the jobs see of osteond.toml (live_settings.h)
//
// Everything is 0700/0600. Errors: kUnavailable with the file and the system's reason.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "daemon/protocol/messages.h"
#include "daemon/worker/files.h"
#include "pipelines/base/result.h"

namespace osteon {

// A message in a file: its first two frames one after the other. Only messages without bytes.
Status WriteMessageFile(const std::filesystem::path& path, const protocol::Message& message);
Result<protocol::Message> ReadMessageFile(const std::filesystem::path& path);

// Names within a run folder, known to the parent and to the child.
inline constexpr const char* kJobFile = "job.frames";
inline constexpr const char* kOutcomeFile = "outcome.frames";
inline constexpr const char* kStudyFolder = "study";
inline constexpr const char* kPriorFolder = "prior";
inline constexpr const char* kOutFolder = "out";

// An outcome the plugin has not acknowledged. `outcome` is a ResultManifest or a Failed.
struct SpooledOffer {
  std::filesystem::path folder;  // Empty: in memory only, since the disk did not take it.
  protocol::Message outcome;
};

// Thread-compatible. Move-only: it holds the lock.
class Spool {
 public:
  // Makes the folder and takes the lock. kUnavailable when another osteond has it.
  static Result<Spool> Open(const std::filesystem::path& root);

  // At the start, once: gives back unfinished runs, then the offers found, oldest first. One that
  // cannot be read is removed and logged.
  std::vector<SpooledOffer> LoadOffers() const;

  // An empty run folder with the job in it.
  Result<std::filesystem::path> BeginRun(const protocol::Job& job) const;
  // Makes an offer of a run in whose folder the child has left outcome.frames and out/ (both
  // synced). kInternal when the outcome is missing, of another lease, or names a document that is
  // not there in full.
  Result<SpooledOffer> OfferRun(const std::filesystem::path& run, const protocol::Job& job) const;
  // An offer of a failure; in memory only when the disk does not take it.
  SpooledOffer OfferFailure(const protocol::Failed& failed) const;
  // The same result under a newer attempt of the same job.
  Result<SpooledOffer> Relabel(SpooledOffer offer, const protocol::Lease& lease) const;
  // Removes a run or an offer; logs when it cannot.
  void Remove(const std::filesystem::path& folder) const;

  const std::filesystem::path& root() const { return root_; }

 private:
  void GiveBackRuns() const;
  Spool(std::filesystem::path root, Fd lock) : root_(std::move(root)), lock_(std::move(lock)) {}

  std::filesystem::path root_;
  Fd lock_;
};

// The lease an offer is for.
const protocol::Lease& LeaseOf(const SpooledOffer& offer);

}  // namespace osteon
