// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/copies.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orthanc-plugin/archive/own_objects.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::json;

constexpr int kPollMs = 500;  // Between two looks at a job of Orthanc.
// Orthanc's DICOM timeouts end its jobs earlier; this is for one that hangs.
constexpr SteadyMs kStoreTimeoutMs = 600'000;

// The Orthanc ids of the job's objects.
Result<Json> Resources(Archive& archive, JobStore& store, JobId job) {
  const auto found_job = store.Find(job);
  if (!found_job) return found_job.error();
  if (!found_job->has_value()) return InvalidInput("there is no such job");
  const auto results = store.Results(job);
  if (!results) return results.error();
  Json ids = Json::array();
  for (const ResultRow& row : *results) {
    const auto found = FindInstancesIn(archive, (*found_job)->study_id, row.sop_instance_uid);
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

Result<Json> Ask(Archive& archive, const std::string& uri) {
  auto body = archive.Get(uri);
  if (!body) return std::move(body).error();
  if (!body->has_value()) return Unavailable("Orthanc has forgotten " + uri);
  return Json::parse(**body, nullptr, /*allow_exceptions=*/false);
}

// Waits until a job of Orthanc has ended.
Result<Json> AwaitJob(Archive& archive, const std::string& id, const Clock& clock,
                      const std::function<bool(int)>& pause) {
  const SteadyMs end = clock.Steady() + kStoreTimeoutMs;
  while (true) {
    auto answer = Ask(archive, "/jobs/" + id);
    if (!answer) return answer;
    const std::string state = Member(*answer, "State");
    if (state != "Pending" && state != "Running" && state != "Retry" && state != "Paused")
      return answer;
    if (clock.Steady() >= end)
      return Unavailable(fmt::format("C-STORE: no answer within {} s", kStoreTimeoutMs / 1000));
    if (!pause(kPollMs)) return Cancelled("stopping");
  }
}

}  // namespace

std::string UnknownDestinations(Archive& archive, const std::vector<std::string>& destinations) {
  if (destinations.empty()) return {};
  const auto known = Ask(archive, "/modalities");
  if (!known || !known->is_array()) return {};
  std::string missing;
  for (const std::string& name : destinations)
    if (std::find(known->begin(), known->end(), name) == known->end())
      missing += (missing.empty() ? "'" : ", '") + name + "'";
  if (missing.empty()) return {};
  return "\"SendTo\" names " + missing +
         ", which Orthanc does not know: add it to \"DicomModalities\" (or by its REST API, when "
         "they "
         "are in its database), or take it out; copies to it fail until then";
}

Result<std::string> StoreCopy(Archive& archive, JobStore& store, const DeliveryRow& row,
                              Commitment commitment, const Clock& clock,
                              const std::function<bool(int)>& pause) {
  const auto resources = Resources(archive, store, row.job);
  if (!resources) return resources.error();
  if (resources->empty()) return std::string();
  const bool commit = commitment == Commitment::kAsk;
  const Json order = {
      {"Resources", *resources}, {"Asynchronous", true}, {"StorageCommitment", commit}};
  auto accepted = archive.Post("/modalities/" + row.destination + "/store", order.dump());
  if (!accepted) return Unavailable(accepted.error().message());
  const std::string id = Member(Json::parse(*accepted, nullptr, false), "ID");
  if (id.empty()) return Unavailable("Orthanc did not take the order");
  const auto ended = AwaitJob(archive, id, clock, pause);
  if (!ended) return ended.error();
  if (Member(*ended, "State") != "Success")
    return Unavailable("C-STORE failed: " + Member(*ended, "ErrorDescription"));
  const Json& content = ended->contains("Content") ? (*ended)["Content"] : *ended;
  if (content.contains("FailedInstancesCount") && content["FailedInstancesCount"] != 0)
    return Unavailable(content["FailedInstancesCount"].dump() + " objects were refused");
  if (!commit) return std::string();
  std::string transaction = Member(content, "StorageCommitmentTransactionUID");
  if (transaction.empty()) return Unavailable("Orthanc asked for no storage commitment");
  return transaction;
}

Result<CommitmentAnswer> AskCommitment(Archive& archive, const std::string& transaction) {
  const auto answer = Ask(archive, "/storage-commitment/" + transaction);
  if (!answer) return answer.error();
  const std::string status = Member(*answer, "Status");
  if (status == "Pending") return CommitmentAnswer::kNoneYet;
  return status == "Success" ? CommitmentAnswer::kCommitted : CommitmentAnswer::kRefused;
}

}  // namespace osteon::plugin
