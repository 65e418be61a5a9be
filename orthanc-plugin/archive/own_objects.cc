// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/archive/own_objects.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "orthanc-plugin/archive/json.h"
#include "orthanc-plugin/archive/study_entry.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/version.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::json;

// DICOM PS3.6 Annex A.
constexpr std::array<std::string_view, 6> kResultClasses = {
    "1.2.840.10008.5.1.4.1.1.88.34",   // Comprehensive 3D SR
    "1.2.840.10008.5.1.4.1.1.88.33",   // Comprehensive SR
    "1.2.840.10008.5.1.4.1.1.88.22",   // Enhanced SR
    "1.2.840.10008.5.1.4.1.1.66.4",    // Segmentation
    "1.2.840.10008.5.1.4.1.1.7",       // Secondary Capture
    "1.2.840.10008.5.1.4.1.1.104.1"};  // Encapsulated PDF

// All UIDs of results are made by DeriveUid.
constexpr std::string_view kUidRoot = "2.25.";

// By the metadata that Orthanc's anonymisation and modification leave; merging and splitting leave
// none.
Result<std::string> Relabelled(Archive& archive, const std::string& instance) {
  const auto names = GetJson(archive, "/instances/" + instance + "/metadata");
  if (!names) return names.error();
  if (!names->has_value() || !(*names)->is_array()) return std::string();
  for (const Json& name : **names) {
    if (name == "AnonymizedFrom") return std::string("anonymised");
    if (name == "ModifiedFrom") return std::string("modified");
  }
  return std::string();
}

std::string Name(const Json& tags) {
  std::string name = Text(tags, "PatientName");
  while (!name.empty() && (name.back() == '^' || name.back() == '=' || name.back() == ' '))
    name.pop_back();
  return name;
}

}  // namespace

bool IsResultClass(const std::string& sop_class_uid) {
  return std::find(kResultClasses.begin(), kResultClasses.end(), sop_class_uid) !=
         kResultClasses.end();
}

Result<std::vector<OwnObject>> ReadOwnObjects(Archive& archive,
                                              const std::string& study_orthanc_id) {
  const auto all = GetJson(archive, "/studies/" + study_orthanc_id + "/series");
  if (!all) return all.error();
  std::vector<OwnObject> objects;
  if (!all->has_value() || !(*all)->is_array()) return objects;
  for (const Json& series : **all) {
    const Json& tags = Child(series, "MainDicomTags");
    if (Text(tags, "Manufacturer") != kManufacturer || Text(tags, "Modality") == "MR") continue;
    const auto instances = GetJson(archive, "/series/" + Text(series, "ID") + "/instances");
    if (!instances) return instances.error();
    if (!instances->has_value() || !(*instances)->is_array()) continue;  // Removed while we read.
    for (const Json& instance : **instances) {
      OwnObject object;
      object.orthanc_id = Text(instance, "ID");
      object.sop_instance_uid = Text(Child(instance, "MainDicomTags"), "SOPInstanceUID");
      auto relabelled = Relabelled(archive, object.orthanc_id);
      if (!relabelled) return std::move(relabelled).error();
      object.relabelled = *std::move(relabelled);
      objects.push_back(std::move(object));
    }
  }
  return objects;
}

bool IsOtherPatient(const PatientIdentity& a, const PatientIdentity& b) {
  return a.id != b.id || a.name != b.name || a.birth_date != b.birth_date ||
         (!a.issuer.empty() && !b.issuer.empty() && a.issuer != b.issuer);
}

std::string DigestOf(const PatientIdentity& patient) {
  return Sha256Hex(patient.id + '\0' + patient.issuer + '\0' + patient.name + '\0' +
                   patient.birth_date)
      .substr(0, 16);
}

Result<std::optional<ObjectHeader>> ReadObjectHeader(Archive& archive,
                                                     const std::string& instance_orthanc_id) {
  const auto tags = GetJson(archive, "/instances/" + instance_orthanc_id + "/simplified-tags");
  if (!tags) return tags.error();
  if (!tags->has_value() || !(*tags)->is_object()) return std::optional<ObjectHeader>();
  ObjectHeader header;
  header.patient = {Text(**tags, "PatientID"), Text(**tags, "IssuerOfPatientID"), Name(**tags),
                    Text(**tags, "PatientBirthDate")};
  header.sop_class_uid = Text(**tags, "SOPClassUID");
  header.identity_removed = Text(**tags, "PatientIdentityRemoved") == "YES";
  header.burned_in = Text(**tags, "BurnedInAnnotation") == "YES";
  header.verified = Text(**tags, "VerificationFlag") == "VERIFIED";
  return std::optional<ObjectHeader>(std::move(header));
}

Result<std::vector<std::string>> FindInstancesIn(Archive& archive,
                                                 const std::string& study_orthanc_id,
                                                 const std::string& sop_instance_uid) {
  auto found = FindInstances(archive, sop_instance_uid);
  if (!found) return found;
  std::vector<std::string> here;
  for (std::string& id : *found) {
    const auto study = GetJson(archive, "/instances/" + id + "/study");
    if (!study) return study.error();
    if (study->has_value() && Text(**study, "ID") == study_orthanc_id)
      here.push_back(std::move(id));
  }
  return here;
}

std::string WhyNotOfThisStudy(const OwnObject& object, const ObjectHeader& header,
                              const std::optional<ObjectHeader>& study, bool written_elsewhere) {
  if (header.verified || !IsResultClass(header.sop_class_uid)) return {};
  if (!object.relabelled.empty())
    return "Orthanc copied them from another study and " + object.relabelled + " the header only";
  if (written_elsewhere) return "they were made for another study or patient";
  if (!object.sop_instance_uid.starts_with(kUidRoot))
    return "they were copied from another study, with the header changed only";
  if (!study) return {};
  if (IsOtherPatient(header.patient, study->patient))
    return "they name another patient than the images do";
  if (study->identity_removed && header.burned_in)
    return "their pages name a patient, and the images were de-identified";
  return {};
}

}  // namespace osteon::plugin
