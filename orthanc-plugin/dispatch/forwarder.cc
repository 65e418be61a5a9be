// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/forwarder.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "orthanc-plugin/archive/study.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::json;

constexpr int kPollMs = 500;
constexpr int kIdleMs = 5'000;
constexpr int kBatch = 20;
constexpr SteadyMs kClaimAgainMs = kAbandonedMs / 4;

// The Orthanc ids of the job's objects.
Result<Json> Resources(Archive& archive, JobStore& store, JobId job) {
  const auto results = store.Results(job);
  if (!results) return results.error();
  Json ids = Json::array();
  for (const ResultRow& row : *results) {
    const auto found = FindInstances(archive, row.sop_instance_uid);
    if (!found) return found.error();
    if (found->empty()) return InvalidInput("the report is no longer in Orthanc");
    ids.push_back(found->front());
  }
  return ids;
}

std::string Member(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string()
             ? json[key].get<std::string>()
             : "";
}

// Polls `uri` until its member "Status" or "State" is none of the waiting ones; the answer then.
Result<Json> Await(Archive& archive, const std::string& uri, const char* key, UnixMs timeout_ms,
                   const Clock& clock, const std::function<bool(int)>& pause) {
  const SteadyMs end = clock.Steady() + timeout_ms;
  while (true) {
    auto body = archive.Get(uri);
    if (!body) return std::move(body).error();
    if (!body->has_value()) return Unavailable("Orthanc has forgotten " + uri);
    Json answer = Json::parse(**body, nullptr, /*allow_exceptions=*/false);
    const std::string state = Member(answer, key);
    if (state != "Pending" && state != "Running" && state != "Retry" && state != "Paused")
      return answer;
    if (clock.Steady() >= end)
      return Unavailable("no answer within " + std::to_string(timeout_ms / 1000) + " s");
    if (!pause(kPollMs)) return Cancelled("stopping");
  }
}

// C-STORE of all objects as one of Orthanc's jobs; the transaction of the storage commitment, empty
// when not asked for.
Result<std::string> Store(Archive& archive, const std::string& destination, const Json& resources,
                          const ForwardOptions& options, const Clock& clock,
                          const std::function<bool(int)>& pause) {
  const bool commit = options.commitment == Commitment::kAsk;
  const Json order = {
      {"Resources", resources}, {"Asynchronous", true}, {"StorageCommitment", commit}};
  auto accepted = archive.Post("/modalities/" + destination + "/store", order.dump());
  if (!accepted) return Unavailable(accepted.error().message());
  const std::string id = Member(Json::parse(*accepted, nullptr, false), "ID");
  if (id.empty()) return Unavailable("Orthanc did not take the order");
  // A job of Orthanc ends by itself: its own DICOM timeouts bound it.
  const auto ended =
      Await(archive, "/jobs/" + id, "State", options.commitment_timeout_ms * 10, clock, pause);
  if (!ended) return ended.error();
  if (Member(*ended, "State") != "Success")
    return Unavailable("C-STORE failed: " + Member(*ended, "ErrorDescription"));
  const Json& content = ended->contains("Content") ? (*ended)["Content"] : *ended;
  if (content.contains("FailedInstancesCount") && content["FailedInstancesCount"] != 0)
    return Unavailable(content["FailedInstancesCount"].dump() + " objects were refused");
  return commit ? Member(content, "StorageCommitmentTransactionUID") : std::string();
}

Status Deliver(Archive& archive, JobStore& store, const DeliveryRow& row,
               const ForwardOptions& options, const Clock& clock,
               const std::function<bool(int)>& pause) {
  const auto resources = Resources(archive, store, row.job);
  if (!resources) return resources.error();
  if (resources->empty()) return {};
  const auto transaction = Store(archive, row.destination, *resources, options, clock, pause);
  if (!transaction) return transaction.error();
  if (options.commitment == Commitment::kSkip) return {};
  if (transaction->empty()) return Unavailable("Orthanc asked for no storage commitment");
  const auto report = Await(archive, "/storage-commitment/" + *transaction, "Status",
                            options.commitment_timeout_ms, clock, pause);
  if (!report) return Error(report.error()).During("storage commitment");
  if (Member(*report, "Status") != "Success")
    return Unavailable("the other side did not commit to keep the objects");
  return {};
}

}  // namespace

DeliveryRow Forward(Archive& archive, JobStore& store, const DeliveryRow& row,
                    const ForwardOptions& options, const Clock& clock,
                    const std::function<bool(int)>& pause) {
  DeliveryRow now = row;
  now.state = "waiting";
  const Status delivered = Deliver(archive, store, row, options, clock, pause);
  if (!delivered && delivered.error().code() == ErrorCode::kCancelled) return now;
  ++now.attempts;
  if (delivered) {
    now.state = "sent";
    now.reason = options.commitment == Commitment::kAsk ? "stored and committed" : "stored";
    return now;
  }
  now.reason = delivered.error().message();
  if (!IsRetryable(delivered.error().code()) || now.attempts >= options.retry.max_failures)
    now.state = "failed";
  else
    now.not_before_ms = clock.Now() + RetryDelayMs(options.retry, now.attempts, 0.5);
  return now;
}

bool SenderWatch::IsAbandoned(const DeliveryRow& row, SteadyMs now_ms) {
  const auto [seen, is_new] = seen_.try_emplace({row.job, row.destination});
  if (is_new || seen->second.number != row.not_before_ms)
    seen->second = {row.not_before_ms, now_ms};
  return now_ms - seen->second.since_ms >= kAbandonedMs;
}

void SenderWatch::Keep(const std::vector<DeliveryRow>& rows) {
  std::erase_if(seen_, [&](const auto& entry) {
    return std::none_of(rows.begin(), rows.end(), [&](const DeliveryRow& row) {
      return row.state == "sending" && entry.first == std::pair(row.job, row.destination);
    });
  });
}

Forwarder::Forwarder(Archive& archive, JobStore& store, const Clock& clock, ForwardOptions options)
    : archive_(archive),
      store_(store),
      clock_(clock),
      options_(std::move(options)),
      thread_([this] { Run(); }) {}

Forwarder::~Forwarder() { Stop(); }

void Forwarder::Wake() {
  {
    const std::lock_guard lock(mutex_);
    awake_ = true;
  }
  changed_.notify_one();
}

void Forwarder::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool Forwarder::Pause(int ms) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stopping_; });
}

void Forwarder::Run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, std::chrono::milliseconds(kIdleMs),
                        [this] { return awake_ || stopping_; });
      if (stopping_) return;
      awake_ = false;
    }
    const auto due = store_.DueDeliveries(clock_.Now(), options_.retry.max_ms, kBatch);
    if (!due) continue;
    watch_.Keep(*due);
    for (const DeliveryRow& row : *due) {
      if (row.state != "sending" || watch_.IsAbandoned(row, clock_.Steady())) Send(row);
      if (!Pause(0)) return;
    }
  }
}

void Forwarder::Send(const DeliveryRow& row) {
  auto claimed = store_.ClaimDelivery(row, clock_.Now());
  if (!claimed) return;  // Another Orthanc was quicker, or the ledger does not answer.
  SteadyMs next_claim_ms = clock_.Steady() + kClaimAgainMs;
  const auto pause = [&](int ms) {
    if (clock_.Steady() >= next_claim_ms) {
      next_claim_ms = clock_.Steady() + kClaimAgainMs;
      if (auto again = store_.ClaimDelivery(*claimed, clock_.Now())) claimed = *std::move(again);
    }
    return Pause(ms);
  };
  const DeliveryRow now = Forward(archive_, store_, *claimed, options_, clock_, pause);
  const std::string label =
      "job " + std::to_string(row.job) + ", copy to " + row.destination + ": ";
  if (Status written = store_.UpdateDelivery(*claimed, now); !written)
    LogError(label + written.error().message());
  if (now.state == "failed")
    LogError(label + "given up, " + now.reason);
  else
    LogInfo(label + now.state + ", " + now.reason);
}

}  // namespace osteon::plugin
