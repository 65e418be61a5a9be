// SPDX-License-Identifier: GPL-3.0-or-later
// The part of Intake that removes results from a patient they were not made for: copies that
// Orthanc made with a study (anonymised, modified, merged, split), and reports of a study whose
// patient was corrected in place. The history gets its row before an object is removed.
#include <fmt/core.h>

#include <algorithm>

#include "orthanc-plugin/intake/intake.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {
namespace {

Status Remove(Archive& archive, const std::vector<OwnObject>& objects) {
  for (const OwnObject& object : objects)
    if (Status removed = archive.Delete("/instances/" + object.orthanc_id); !removed)
      return removed;
  return {};
}

std::string Objects(std::size_t count) {
  return fmt::format("{}{} removed from the study: ", count,
                     count == 1 ? " object of Osteon was" : " objects of Osteon were");
}

// Those objects of the study that the job wrote.
std::vector<OwnObject> Written(const std::vector<OwnObject>& objects,
                               const std::vector<ResultRow>& results) {
  std::vector<OwnObject> written;
  for (const OwnObject& object : objects)
    if (std::any_of(results.begin(), results.end(), [&](const ResultRow& row) {
          return row.sop_instance_uid == object.sop_instance_uid;
        }))
      written.push_back(object);
  return written;
}

}  // namespace

Status Intake::WithdrawCopies(const std::string& study_id,
                              const std::optional<ObjectHeader>& study) {
  const auto objects = ReadOwnObjects(archive_, study_id);
  if (!objects) return objects.error();
  std::vector<OwnObject> copies;
  std::string reason;
  for (const OwnObject& object : *objects) {
    const auto writers = store_.StudiesWithResult(object.sop_instance_uid);
    if (!writers) return writers.error();
    if (std::find(writers->begin(), writers->end(), study_id) != writers->end()) continue;
    const auto header = ReadObjectHeader(archive_, object.orthanc_id);
    if (!header) return header.error();
    if (!header->has_value()) continue;  // Removed while we read.
    const std::string why = WhyNotOfThisStudy(object, **header, study, !writers->empty());
    if (why.empty()) continue;
    copies.push_back(object);
    if (reason.empty()) reason = why;
  }
  if (copies.empty()) return {};
  const std::string told = Objects(copies.size()) + reason + ", so they may name another patient";
  const auto job = store_.Latest(study_id);
  if (!job) return job.error();
  if (job->has_value()) {
    if (Status noted = store_.Note((*job)->id, "intake", std::string(Name(JobEvent::kWithdrawn)),
                                   told, clock_.Now());
        !noted)
      return noted;
    LogWarning(fmt::format("job {}: {}", (*job)->id, told));
  }
  return Remove(archive_, copies);
}

Status Intake::WithdrawReports(const std::string& study_id, const ObjectHeader& study) {
  const auto jobs = ReportedJobs(study_id);
  if (!jobs) return jobs.error();
  if (jobs->empty()) return {};
  const auto objects = ReadOwnObjects(archive_, study_id);
  if (!objects) return objects.error();
  for (const Job& job : *jobs) {
    if (job.study_id != study_id) continue;  // Another study with the same StudyInstanceUID.
    const auto results = store_.Results(job.id);
    if (!results) return results.error();
    const std::vector<OwnObject> written = Written(*objects, *results);
    const auto other = IsOfOtherPatient(job, written, study);
    if (!other) return other.error();
    if (*other)
      if (Status withdrawn = WithdrawReport(job, written); !withdrawn) return withdrawn;
  }
  return {};
}

// By the job's patient digest; jobs of older ledgers have none, so by the header of its objects.
Result<bool> Intake::IsOfOtherPatient(const Job& job, const std::vector<OwnObject>& written,
                                      const ObjectHeader& study) {
  if (!job.patient_digest.empty()) return job.patient_digest != DigestOf(study.patient);
  if (written.empty()) return false;
  const auto header = ReadObjectHeader(archive_, written.front().orthanc_id);
  if (!header) return header.error();
  return header->has_value() && IsOtherPatient((*header)->patient, study.patient);
}

Status Intake::WithdrawReport(const Job& job, const std::vector<OwnObject>& written) {
  const auto copies = store_.Deliveries(job.id);
  if (!copies) return copies.error();
  std::string told = Objects(written.size()) +
                     "the patient of its images was corrected, and they name the earlier one";
  for (const DeliveryRow& copy : *copies)
    if (copy.state == "sent")
      told += "; the copies at " + copy.destination + " are there still: remove them there";
  const auto changed = Change(job, JobEvent::kWithdrawn, told, {}, nullptr);
  // Another Orthanc did it already.
  if (!changed && changed.error().code() == ErrorCode::kCancelled) return {};
  if (!changed) return changed.error();
  LogWarning(fmt::format("job {}: {}", job.id, told));
  return Remove(archive_, written);
}

}  // namespace osteon::plugin
