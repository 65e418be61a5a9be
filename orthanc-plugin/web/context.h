// SPDX-License-Identifier: GPL-3.0-or-later
// What the routes read and call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "orthanc-plugin/digest/morning_digest.h"
#include "orthanc-plugin/dispatch/copies.h"
#include "orthanc-plugin/dispatch/dispatcher.h"
#include "orthanc-plugin/intake/intake.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/base/clock.h"
#include "pipelines/rules/rules_file.h"

namespace osteon::plugin {

struct DiskRoom {
  std::string what;  // "Orthanc's storage".
  std::uintmax_t free_mib = 0;
};

// References outlive every request; functions may be called on any thread.
struct WebContext {
  Archive& archive;
  JobStore& store;
  std::function<std::shared_ptr<const SiteRules>()> rules;  // Those in force.
  const IntakeOptions& intake;
  DispatchMode mode;
  const Clock& clock;
  std::function<DispatchStatus()> dispatch_status;
  std::function<std::string()> intake_trouble;  // Empty while all is well.
  std::function<void()> wake_intake;
  std::function<void()> job_ready;
  std::function<void(const Job& job, const std::string& reason)> revoked;
  std::function<void()> copies_wait;
  std::function<std::string()> copies_trouble = [] { return std::string(); };
  std::function<std::string()> digest_trouble = [] { return std::string(); };
  std::function<std::string()> rules_trouble = [] { return std::string(); };
  std::function<LiveState()> live = [] { return LiveState(); };
  std::vector<std::string> destinations = {};  // Of copies.
  Commitment commitment = Commitment::kAsk;    // Asked of them.
  std::function<Status(const std::string& actor)> start_selftest = [](const std::string&) {
    return Status(NotReady("not started yet"));
  };
  std::function<std::vector<DiskRoom>()> disks = [] { return std::vector<DiskRoom>(); };
};

}  // namespace osteon::plugin
