// SPDX-License-Identifier: GPL-3.0-or-later
// Sends a job's objects to another DICOM node, by Orthanc: C-STORE, then storage commitment (PS3.4
// Annex J), by which the other side says that it keeps them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace osteon::plugin {

enum class Commitment {
  kAsk,   // A copy is "sent" when the other side has committed to store it.
  kSkip,  // A copy is "sent" when C-STORE has succeeded.
};

// Sends the objects and waits for the answers to C-STORE. Returns the transaction of the storage
// commitment that Orthanc has asked for; empty: there is nothing to wait for. `pause` waits so many
// ms and returns false to give up. Errors: kInvalidInput: the report is no longer in Orthanc;
// kUnavailable: try again; kCancelled: given up.
Result<std::string> StoreCopy(Archive& archive, JobStore& store, const DeliveryRow& row,
                              Commitment commitment, const Clock& clock,
                              const std::function<bool(int)>& pause);

// The destinations that Orthanc does not know (any more) as modalities, in words for its log and
// pages; empty when it knows all, or does not say. Copies to them fail until it does.
std::string UnknownDestinations(Archive& archive, const std::vector<std::string>& destinations);

enum class CommitmentAnswer { kNoneYet, kCommitted, kRefused };

// What the other side has said so far; does not wait. Errors: kUnavailable: Orthanc does not answer
// or has forgotten the transaction (it keeps them in memory).
Result<CommitmentAnswer> AskCommitment(Archive& archive, const std::string& transaction);

}  // namespace osteon::plugin
