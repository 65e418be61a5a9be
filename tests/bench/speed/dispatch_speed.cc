// SPDX-License-Identifier: GPL-3.0-or-later
// The real ledger and dispatcher without Orthanc and without analyses. LEDGER is a file of SQLite
// or a connection string of PostgreSQL ("host=...").
//
//   dispatch_speed open LEDGER JOBS FIRST
//       makes JOBS jobs in `collecting`, of studies numbered from FIRST; one transaction
//   dispatch_speed ledger LEDGER JOBS FIRST
//       takes those jobs one after another through ready, leased, storing, done, one caller
//   dispatch_speed dispatch LEDGER JOBS FIRST WORKERS RATE WORK_MS DISPATCHERS
//       makes those jobs ready at RATE a second (0: at once), hands them out over ZeroMQ on
//       loopback to WORKERS simulated workers, each of which takes WORK_MS, by DISPATCHERS
//       dispatchers, as so many Orthancs on one PostgreSQL
//
// Between `open` and the others the caller must let the quiet time pass in the ledger
// (UPDATE studies SET due_ms = NULL). Prints one JSON object.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "orthanc-plugin/dispatch/dispatcher.h"
#include "orthanc-plugin/ledger/open_job_store.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/log.h"
#include "tests/bench/speed/simulated_fleet.h"

namespace osteon::plugin {
namespace {

using bench::NowMs;
using bench::SimulatedFleet;

constexpr int kFirstPort = 25742;  // Tried upwards until as many as needed are free.
constexpr double kLongestS = 600;  // A run that takes longer is stopped.

template <typename T>
T Must(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "dispatch_speed: %s\n", result.error().message().c_str());
  std::exit(1);
}
void Must(const Status& status) {
  if (status) return;
  std::fprintf(stderr, "dispatch_speed: %s\n", status.error().message().c_str());
  std::exit(1);
}

double Quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(values.size() - 1, at)];
}

std::unique_ptr<JobStore> OpenLedger(const std::string& ledger) {
  const UnixMs now = SystemClock().Now();
  return Must(ledger.starts_with("host=") ? OpenPostgresJobStore(ledger, now)
                                          : OpenSqliteJobStore(ledger, now));
}

std::string StudyOf(long number) { return "bench-" + std::to_string(number); }

void OpenJobs(JobStore& store, long jobs, long first) {
  JobStore::Touch touch;
  for (long n = first; n < first + jobs; ++n) touch.study_ids.push_back(StudyOf(n));
  touch.now_ms = SystemClock().Now();
  touch.quiet_ms = 1;
  touch.force_ms = 1'000;
  touch.reason = "benchmark";
  Must(store.RecordChanges(touch));
}

JobId MakeReady(JobStore& store, long number) {
  const std::string study = StudyOf(number);
  const auto job = Must(store.Latest(study));
  if (!job) Must(Status(Internal("no job of " + study)));
  JobPatch patch;
  patch.study_uid = "2.25." + std::to_string(number);
  patch.inputs_hash = Sha256Hex(study);
  return Must(store.Apply({job->id, JobEvent::kGateOpened, "benchmark", "complete", {}, patch},
                          SystemClock().Now()))
      .id;
}

int Ledger(JobStore& store, long jobs, long first) {
  LeaseRequest request;
  request.worker = "bench";
  request.pipeline_hash = request.config_hash = "bench";
  request.open.assign(kPriorities.begin(), kPriorities.end());
  request.lease_ms = 60'000;
  std::vector<double> leases;
  const double start = NowMs();
  for (long n = first; n < first + jobs; ++n) {
    MakeReady(store, n);
    request.now_ms = SystemClock().Now();
    const double before = NowMs();
    const auto job = Must(store.Lease(request));
    leases.push_back(NowMs() - before);
    if (!job) Must(Status(Internal("a ready job was not leased")));
    Transition received{job->id, JobEvent::kResultReceived, "bench", "here", job->attempt, {}};
    Must(store.BeginStoring(received, {{"2.25.1" + std::to_string(n), "1.2.3", ""}},
                            request.now_ms));
    Must(store.Finish({job->id, JobEvent::kVerified, "bench", "stored", job->attempt, {}}, {},
                      SystemClock().Now()));
  }
  const double seconds = (NowMs() - start) / 1000;
  std::printf("{\"jobs_per_s\": %.2f, \"lease_median_ms\": %.3f, \"lease_p99_ms\": %.3f}\n",
              static_cast<double>(jobs) / seconds, Quantile(leases, 0.5), Quantile(leases, 0.99));
  return 0;
}

// Nothing of Orthanc is asked for: the material is made up, and workers answer without documents.
class NoArchive final : public Archive {
 public:
  Result<std::optional<std::string>> Get(const std::string&) override {
    return Unavailable("none");
  }
  Result<std::string> Post(const std::string&, std::string_view) override {
    return Unavailable("none");
  }
  Status Delete(const std::string&) override { return {}; }
  Result<std::string> ParseDicom(std::string_view) override { return Unavailable("none"); }
};

Result<Material> MadeUp(const Job&) {
  Material material;
  material.patient_id = "BENCH";
  MaterialInstance instance;
  instance.orthanc_id = "i";
  instance.series_uid = instance.sop_instance_uid = "2.25.7";
  instance.bytes = 1;
  instance.md5 = std::string(32, '0');
  material.instances.push_back(instance);
  return material;
}

struct Side {
  std::unique_ptr<JobStore> store;
  std::unique_ptr<Dispatcher> dispatcher;
};

int Dispatch(const std::string& ledger, long jobs, long first, int workers, double rate,
             double work_ms, int dispatchers) {
  const SystemClock clock;
  NoArchive archive;
  std::vector<Side> sides;
  std::vector<std::string> endpoints;
  for (int port = kFirstPort; static_cast<int>(sides.size()) < dispatchers; ++port) {
    if (port > kFirstPort + 200) return 1;
    Side side;
    side.store = OpenLedger(ledger);
    RouterOptions router;
    router.endpoint = "tcp://127.0.0.1:" + std::to_string(port);
    JobProtocolOptions options;
    options.scheduler.max_in_flight = static_cast<std::size_t>(workers);
    options.shared_ledger = dispatchers > 1;
    side.dispatcher = std::make_unique<Dispatcher>(
        archive, *side.store, clock, router, options, MadeUp, [] {}, [] {});
    const double end = NowMs() + 5'000;
    while (!side.dispatcher->GetStatus().listening &&
           side.dispatcher->GetStatus().trouble.empty() && NowMs() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (!side.dispatcher->GetStatus().listening) continue;  // The port is taken.
    sides.push_back(std::move(side));
    endpoints.push_back(router.endpoint);
  }
  SimulatedFleet fleet(endpoints, workers, work_ms);
  // All workers have said READY before the first job is there.
  const double greeted = NowMs() + 30'000;
  std::size_t heard = 0;
  while (heard < static_cast<std::size_t>(workers) && NowMs() < greeted) {
    fleet.Step();
    heard = 0;
    for (const Side& side : sides) heard += side.dispatcher->GetStatus().workers.size();
  }

  std::vector<std::pair<JobId, double>> ready(static_cast<std::size_t>(jobs));
  std::atomic<bool> submitted = false;
  const double start = NowMs();
  std::thread submitter([&] {
    for (long n = 0; n < jobs; ++n) {
      const double due = rate > 0 ? start + 1000.0 * static_cast<double>(n) / rate : start;
      while (NowMs() < due) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      // As intake does, by the store that it shares with the dispatcher of its Orthanc.
      const Side& side = sides[static_cast<std::size_t>(n) % sides.size()];
      const JobId id = MakeReady(*side.store, first + n);
      ready[static_cast<std::size_t>(n)] = {id, NowMs()};
      side.dispatcher->JobReady();
    }
    submitted = true;
  });
  while ((!submitted || fleet.committed() < jobs) && NowMs() < start + 1000 * kLongestS)
    fleet.Step();
  const double seconds = (NowMs() - start) / 1000;
  submitter.join();
  for (Side& side : sides) side.dispatcher->Stop();

  std::map<JobId, double> arrived;
  for (const auto& [wire, at] : fleet.arrived())
    arrived[std::atol(wire.c_str())] = at;  // "12-3f0a51"
  std::vector<double> waits;
  for (const auto& [id, at] : ready)
    if (arrived.contains(id)) waits.push_back(std::max(0.0, arrived[id] - at));
  std::printf(
      "{\"jobs\": %ld, \"committed\": %ld, \"seconds\": %.3f, \"jobs_per_s\": %.2f, "
      "\"wait_median_ms\": %.2f, \"wait_p99_ms\": %.2f, \"wait_max_ms\": %.2f}\n",
      jobs, fleet.committed(), seconds, static_cast<double>(fleet.committed()) / seconds,
      Quantile(waits, 0.5), Quantile(waits, 0.99), Quantile(waits, 1));
  return fleet.committed() == jobs && static_cast<long>(waits.size()) == jobs ? 0 : 1;
}

int Main(const std::vector<std::string>& a) {
  // Nobody reads a line for each of thousands of jobs.
  SetLogSink([](LogLevel level, std::string_view line) {
    if (level == LogLevel::kError)
      std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
  });
  const long jobs = a.size() > 3 ? std::atol(a[2].c_str()) : 0;
  const long first = a.size() > 3 ? std::atol(a[3].c_str()) : 0;
  if (a.size() == 4 && a[0] == "open") {
    OpenJobs(*OpenLedger(a[1]), jobs, first);
    return 0;
  }
  if (a.size() == 4 && a[0] == "ledger") return Ledger(*OpenLedger(a[1]), jobs, first);
  if (a.size() == 8 && a[0] == "dispatch")
    return Dispatch(a[1], jobs, first, std::atoi(a[4].c_str()), std::atof(a[5].c_str()),
                    std::atof(a[6].c_str()), std::atoi(a[7].c_str()));
  std::fprintf(stderr, "usage: see the first lines of dispatch_speed.cc\n");
  return 2;
}

}  // namespace
}  // namespace osteon::plugin

int main(int argc, char** argv) { return osteon::plugin::Main({argv + 1, argv + argc}); }
