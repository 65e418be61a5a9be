// SPDX-License-Identifier: GPL-3.0-or-later
// The plugin as a whole: opens the ledger, starts and stops the threads of intake and dispatch, and
// joins them to the routes. Knows Orthanc only as an Archive.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "orthanc-plugin/dispatch/dispatcher.h"
#include "orthanc-plugin/dispatch/forwarder.h"
#include "orthanc-plugin/intake/intake_thread.h"
#include "orthanc-plugin/intake/live_rules.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "orthanc-plugin/selftest/selftest.h"
#include "orthanc-plugin/settings.h"
#include "orthanc-plugin/web/http.h"
#include "orthanc-plugin/web/metrics.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/mutex.h"

namespace osteon::plugin {

// Any thread.
class Service {
 public:
  // Opens the ledger; nothing runs yet. `archive` and `clock` must outlive the service.
  // Errors: as OpenSqliteJobStore and OpenPostgresJobStore.
  static Result<std::unique_ptr<Service>> Open(Settings settings, Archive& archive,
                                               const Clock& clock);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Orthanc answers its API now.
  void Start();
  // All threads have ended when it returns; the archive is not used afterwards. Idempotent.
  void Stop();

  void Changed();
  void StudyDeleted(std::string study_id);
  HttpReply Http(const HttpRequest& request);
  std::vector<Metric> GetMetrics();

 private:
  Service(Settings settings, std::unique_ptr<JobStore> store, Archive& archive, const Clock& clock);
  WebContext MakeWebContext();
  LiveState Live(const WebContext& context) const;
  std::vector<DiskRoom> Disks() const;

  const Settings settings_;
  const std::shared_ptr<LiveRules> rules_;
  const std::unique_ptr<JobStore> store_;
  Archive& archive_;
  const Clock& clock_;

  Mutex mutex_;
  bool stopped_ GUARDED_BY(mutex_) = false;
  // Made by Start; they live until the service ends.
  std::shared_ptr<Forwarder> forwarder_ GUARDED_BY(mutex_);
  std::shared_ptr<Dispatcher> dispatcher_ GUARDED_BY(mutex_);
  std::shared_ptr<Intake> intake_ GUARDED_BY(mutex_);
  std::shared_ptr<IntakeThread> intake_thread_ GUARDED_BY(mutex_);
  std::shared_ptr<DigestSender> digest_sender_ GUARDED_BY(mutex_);
  std::shared_ptr<Selftest> selftest_ GUARDED_BY(mutex_);
};

}  // namespace osteon::plugin
