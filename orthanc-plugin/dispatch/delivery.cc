// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/delivery.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orthanc-plugin/archive/own_objects.h"
#include "orthanc-plugin/archive/study_entry.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/version.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::json;

std::string Tag(const Json& data_set, const char* tag) {
  const auto value = data_set.find(tag);
  if (value == data_set.end() || !value->is_string()) return {};
  std::string text = value->get<std::string>();
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.pop_back();
  return text;
}

Status CheckDocument(Archive& archive, const ReceivedDocument& document, const ResultOwner& owner) {
  const std::string& name = document.announced.name;
  if (!IsResultClass(document.announced.sop_class_uid))
    return InvalidInput(name + ": SOP class " + document.announced.sop_class_uid +
                        " is none that Osteon writes");
  auto parsed = archive.ParseDicom(document.bytes);
  if (!parsed) return std::move(parsed).error().During(name);
  const Json data_set = Json::parse(*parsed, nullptr, /*allow_exceptions=*/false);
  if (!data_set.is_object()) return InvalidInput(name + ": Orthanc cannot read it");
  if (Tag(data_set, "0008,0016") != document.announced.sop_class_uid)
    return InvalidInput(name + ": its SOP class is another one than announced");
  if (Tag(data_set, "0008,0018") != document.announced.sop_instance_uid)
    return InvalidInput(name + ": its SOP Instance UID is another one than announced");
  if (Tag(data_set, "0020,000d") != owner.study_uid)
    return InvalidInput(name + ": it belongs to another study");
  if (Tag(data_set, "0010,0020") != owner.patient_id)
    return InvalidInput(name + ": it belongs to another patient");
  return {};
}

// Status of an instance that Orthanc did not store (its ServerEnumerations.cpp).
constexpr std::string_view kFilteredOut = "FilteredOut";
constexpr std::string_view kStorageFull = "StorageFull";

// A person may change the filter or quota, so the job is tried several times before it is stuck.
Error Refusal(const ReceivedDocument& document, const std::string& status) {
  const std::string begin =
      document.announced.name + " (SOP class " + document.announced.sop_class_uid + "): ";
  if (status == kStorageFull)
    return Unavailable(begin +
                       "Orthanc's quota refused it (MaximumStorageSize or MaximumPatientCount with "
                       "MaximumStorageMode \"Reject\"): make room or raise it");
  return Unavailable(begin +
                     "a filter in Orthanc refused it (ReceivedInstanceFilter of a Lua script, or a "
                     "plugin's): let objects whose Manufacturer is \"" +
                     std::string(kManufacturer) + "\" pass");
}

struct Stored {
  std::string orthanc_id;
  std::string study_id;
};

Result<Stored> Post(Archive& archive, const ReceivedDocument& document) {
  auto answer = archive.Post("/instances", document.bytes);
  if (!answer) {
    // The document was checked before, so the fault is Orthanc's.
    return Unavailable("Orthanc did not store " + document.announced.name + ": " +
                       answer.error().message());
  }
  const Json json = Json::parse(*answer, nullptr, /*allow_exceptions=*/false);
  const std::string status = json.is_object() ? json.value("Status", "") : "";
  if (status == kFilteredOut || status == kStorageFull) return Refusal(document, status);
  if (!json.is_object() || !json.contains("ID") || !json["ID"].is_string())
    return Unavailable("Orthanc did not say where it stored " + document.announced.name);
  Stored stored;
  stored.orthanc_id = json["ID"].get<std::string>();
  if (json.contains("ParentStudy") && json["ParentStudy"].is_string())
    stored.study_id = json["ParentStudy"].get<std::string>();
  return stored;
}

enum class Kept { kSame, kOther, kGone };

// Reads the object from Orthanc's storage and compares. An Orthanc that transcodes returns other
// bytes with the same UIDs, which is allowed.
Result<Kept> ReadBack(Archive& archive, const ReceivedDocument& document,
                      const std::string& orthanc_id) {
  auto file = archive.Get("/instances/" + orthanc_id + "/file");
  if (!file) return std::move(file).error();
  if (!file->has_value()) return Kept::kGone;
  return Sha256Hex(**file) == document.announced.sha256 ? Kept::kSame : Kept::kOther;
}

Status StoreDocument(Archive& archive, const Job& job, const ReceivedDocument& document) {
  const std::string& name = document.announced.name;
  for (int round = 0; round < 2; ++round) {
    const auto stored = Post(archive, document);
    if (!stored) return stored.error();
    if (!stored->study_id.empty() && stored->study_id != job.study_id)
      return Internal(name + ": Orthanc put it into another study");
    const auto kept = ReadBack(archive, document, stored->orthanc_id);
    if (!kept) return kept.error();
    if (*kept == Kept::kSame) return {};
    if (*kept == Kept::kGone)
      return Unavailable(name + ": Orthanc said it stored it, but does not have it");
    // Orthanc keeps the object it has under a UID, so that of an earlier attempt is removed once.
    if (round == 0)
      if (Status removed = archive.Delete("/instances/" + stored->orthanc_id); !removed)
        return removed;
    if (round == 1) {
      auto file = archive.Get("/instances/" + stored->orthanc_id + "/file");
      if (!file) return std::move(file).error();
      if (!file->has_value()) return Unavailable(name + ": Orthanc does not have it any more");
      auto parsed = archive.ParseDicom(**file);
      const Json data_set = parsed ? Json::parse(*parsed, nullptr, false) : Json();
      if (!data_set.is_object() ||
          Tag(data_set, "0008,0018") != document.announced.sop_instance_uid)
        return Internal(name + ": Orthanc gives another object back than it took");
    }
  }
  return {};
}

Status RemoveDocuments(Archive& archive, const std::vector<ReceivedDocument>& documents) {
  for (const ReceivedDocument& document : documents) {
    const auto instances = FindInstances(archive, document.announced.sop_instance_uid);
    if (!instances) return instances.error();
    for (const std::string& instance : *instances)
      if (Status removed = archive.Delete("/instances/" + instance); !removed) return removed;
  }
  return {};
}

// Storing a report brings a study back that was deleted meanwhile; then the report is removed, too.
Status CheckStudyStands(Archive& archive, const Job& job,
                        const std::vector<ReceivedDocument>& documents) {
  auto body = archive.Get("/studies/" + job.study_id + "/series");
  if (!body) return std::move(body).error();
  const Json all =
      body->has_value() ? Json::parse(**body, nullptr, /*allow_exceptions=*/false) : Json();
  if (!all.is_array() && body->has_value()) return Unavailable("Orthanc does not list the series");
  const bool has_images = std::any_of(all.begin(), all.end(), [](const Json& series) {
    return !series.contains("MainDicomTags") ||
           series["MainDicomTags"].value("Manufacturer", "") != kManufacturer;
  });
  if (has_images) return {};
  if (Status removed = RemoveDocuments(archive, documents); !removed) return removed;
  return Cancelled("the study was deleted from Orthanc while its report was being stored");
}

// This process may have been suspended, and another Orthanc may have taken the job meanwhile.
Status CheckStillOurs(JobStore& store, const Job& job) {
  const auto now = store.Find(job.id);
  if (!now) return now.error();
  if (now->has_value() && (*now)->attempt == job.attempt && (*now)->state == JobState::kStoring)
    return {};
  return Unavailable("the job was taken away while its result was being stored");
}

Status RemoveLeftovers(Archive& archive, JobStore& store, const Job& job) {
  const auto leftovers = store.Leftovers(job.id, job.attempt);
  if (!leftovers) return leftovers.error();
  for (const std::string& uid : *leftovers) {
    const auto instances = FindInstances(archive, uid);
    if (!instances) return instances.error();
    for (const std::string& instance : *instances)
      if (Status removed = archive.Delete("/instances/" + instance); !removed) return removed;
    if (Status forgotten = store.Forget(job.id, uid); !forgotten) return forgotten;
  }
  return {};
}

}  // namespace

Result<ResultOwner> ReadOwner(Archive& archive, const std::string& study_orthanc_id) {
  auto body = archive.Get("/studies/" + study_orthanc_id);
  if (!body) return std::move(body).error();
  if (!body->has_value()) return ResultOwner{};
  const Json study = Json::parse(**body, nullptr, /*allow_exceptions=*/false);
  const auto member = [&](const char* object, const char* key) -> std::string {
    if (!study.is_object() || !study.contains(object)) return {};
    return Tag(study[object], key);
  };
  return ResultOwner{study_orthanc_id, member("MainDicomTags", "StudyInstanceUID"),
                     member("PatientMainDicomTags", "PatientID")};
}

Status CheckDocuments(Archive& archive, const std::vector<ReceivedDocument>& documents,
                      const ResultOwner& owner) {
  for (const ReceivedDocument& document : documents)
    if (Status checked = CheckDocument(archive, document, owner); !checked) return checked;
  return {};
}

Status StoreDocuments(Archive& archive, JobStore& store, const Job& job,
                      const std::vector<ReceivedDocument>& documents) {
  for (const ReceivedDocument& document : documents) {
    if (Status ours = CheckStillOurs(store, job); !ours) {
      if (Status stands = CheckStudyStands(archive, job, documents); !stands) return stands;
      return ours;
    }
    Status stored = StoreDocument(archive, job, document);
    if (stored) continue;
    // Pictures without their report, or the reverse, mislead. What cannot be removed is written
    // anew by the next attempt.
    if (CheckStillOurs(store, job)) static_cast<void>(RemoveDocuments(archive, documents));
    return stored;
  }
  if (Status stands = CheckStudyStands(archive, job, documents); !stands) return stands;
  return RemoveLeftovers(archive, store, job);
}

}  // namespace osteon::plugin
