// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/service.h"

#include <filesystem>
#include <system_error>

#include "orthanc-plugin/dispatch/copies.h"
#include "orthanc-plugin/intake/gather.h"
#include "orthanc-plugin/ledger/open_job_store.h"
#include "orthanc-plugin/selftest/shipped_study.h"
#include "orthanc-plugin/web/routes.h"
#include "orthanc-plugin/web/views.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {
namespace {

Result<std::unique_ptr<JobStore>> OpenLedger(const Settings& settings, UnixMs now_ms) {
  if (!settings.ledger_connection.empty())
    return OpenPostgresJobStore(settings.ledger_connection, now_ms);
  std::error_code error;
  std::filesystem::create_directories(settings.ledger_path.parent_path(), error);
  return OpenSqliteJobStore(settings.ledger_path.string(), now_ms);
}

}  // namespace

Result<std::unique_ptr<Service>> Service::Open(Settings settings, Archive& archive,
                                               const Clock& clock) {
  auto store = OpenLedger(settings, clock.Now());
  if (!store) return std::move(store).error();
  return std::unique_ptr<Service>(
      new Service(std::move(settings), *std::move(store), archive, clock));
}

Service::Service(Settings settings, std::unique_ptr<JobStore> store, Archive& archive,
                 const Clock& clock)
    : settings_(std::move(settings)),
      rules_(std::make_shared<LiveRules>(settings_.rules, settings_.rules_file)),
      store_(std::move(store)),
      archive_(archive),
      clock_(clock) {}

Service::~Service() { Stop(); }

void Service::Start() {
  const MutexLock lock(mutex_);
  if (stopped_ || dispatcher_) return;
  // Each is destroyed before the one above it, to which it holds a plain pointer.
  forwarder_ = std::make_shared<Forwarder>(archive_, *store_, clock_, settings_.forward);
  JobProtocolOptions jobs = settings_.jobs;
  jobs.rules = [rules = rules_] {
    const auto now = rules->Get();
    return JobRules{now->hash, now->json};
  };
  dispatcher_ = std::make_shared<Dispatcher>(
      archive_, *store_, clock_, settings_.router, std::move(jobs),
      [this](const Job& job) { return Gather(archive_, rules_->Get()->rules, job); },
      [forwarder = forwarder_.get()] { forwarder->Wake(); }, [this] { Changed(); });
  IntakeEvents events{[dispatcher = dispatcher_.get()] { dispatcher->JobReady(); },
                      [dispatcher = dispatcher_.get()](const Job& job, const std::string& reason) {
                        dispatcher->Revoked(job.id, job.attempt, reason);
                      }};
  intake_ = std::make_shared<Intake>(
      archive_, *store_, [rules = rules_] { return rules->Get(); }, settings_.intake,
      std::move(events), clock_);
  intake_thread_ = std::make_shared<IntakeThread>(*intake_);
  if (IsSent(settings_.digest))
    digest_sender_ = std::make_shared<DigestSender>(*store_, clock_, settings_.digest, [this] {
      WebContext context = MakeWebContext();
      context.digest_trouble = [] { return std::string(); };
      return Live(context);
    });
  selftest_ = std::make_shared<Selftest>([this] { return MakeWebContext(); }, ShippedStudy(),
                                         SelftestTimes());
  LogInfo("started; the ledger is " + (settings_.ledger_connection.empty()
                                           ? settings_.ledger_path.string()
                                           : std::string("in PostgreSQL")));
}

void Service::Stop() {
  std::shared_ptr<IntakeThread> intake_thread;
  std::shared_ptr<Dispatcher> dispatcher;
  std::shared_ptr<Forwarder> forwarder;
  std::shared_ptr<DigestSender> digest_sender;
  std::shared_ptr<Selftest> selftest;
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
    intake_thread = intake_thread_;
    dispatcher = dispatcher_;
    forwarder = forwarder_;
    digest_sender = digest_sender_;
    selftest = selftest_;
  }
  // While the others can still take away what it leaves.
  if (selftest) selftest->Stop();
  if (digest_sender) digest_sender->Stop();
  if (intake_thread) intake_thread->Stop();
  if (dispatcher) dispatcher->Stop();
  if (forwarder) forwarder->Stop();
}

void Service::Changed() {
  const MutexLock lock(mutex_);
  if (intake_thread_) intake_thread_->Wake();
}

void Service::StudyDeleted(std::string study_id) {
  const MutexLock lock(mutex_);
  if (intake_thread_) intake_thread_->Deleted(std::move(study_id));
}

WebContext Service::MakeWebContext() {
  const MutexLock lock(mutex_);
  return {archive_,
          *store_,
          [rules = rules_] { return rules->Get(); },
          settings_.intake,
          settings_.jobs.mode,
          clock_,
          [dispatcher = dispatcher_] {
            return dispatcher ? dispatcher->GetStatus() : DispatchStatus{};
          },
          [thread = intake_thread_] {
            return thread ? thread->Trouble() : std::string("not started yet");
          },
          [thread = intake_thread_] {
            if (thread) thread->Wake();
          },
          [dispatcher = dispatcher_] {
            if (dispatcher) dispatcher->JobReady();
          },
          [dispatcher = dispatcher_](const Job& job, const std::string& reason) {
            if (dispatcher) dispatcher->Revoked(job.id, job.attempt, reason);
          },
          [forwarder = forwarder_] {
            if (forwarder) forwarder->Wake();
          },
          [this] { return UnknownDestinations(archive_, settings_.forward.destinations); },
          [this] { return UnsentDigests(*store_, settings_.digest); },
          [rules = rules_] { return rules->Trouble(); },
          [this] { return Live(MakeWebContext()); },
          settings_.forward.destinations,
          settings_.forward.commitment,
          [selftest = selftest_](const std::string& actor) {
            return selftest ? selftest->Begin(actor) : Status(NotReady("not started yet"));
          },
          [this] { return Disks(); }};
}

std::vector<DiskRoom> Service::Disks() const {
  std::vector<DiskRoom> disks;
  const auto look = [&](const char* what, const std::filesystem::path& folder) {
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    if (!error) disks.push_back({what, space.available >> 20});
  };
  look("Orthanc's storage", settings_.storage_folder);
  if (!settings_.ledger_path.empty()) look("the ledger", settings_.ledger_path.parent_path());
  return disks;
}

LiveState Service::Live(const WebContext& context) const {
  LiveState live;
  live.mode = context.mode;
  live.windows = settings_.jobs.windows;
  live.max_in_flight = settings_.jobs.scheduler.max_in_flight;
  live.workers = context.dispatch_status().workers;
  live.trouble = TroubleOf(context);
  return live;
}

HttpReply Service::Http(const HttpRequest& request) { return Answer(MakeWebContext(), request); }

std::vector<Metric> Service::GetMetrics() { return Metrics(MakeWebContext()); }

}  // namespace osteon::plugin
