// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/prior/prior_reader.h"

#include <algorithm>
#include <tuple>

#include "pipelines/base/same_patient.h"
#include "pipelines/base/uid.h"
#include "pipelines/base/version.h"
#include "pipelines/dicom/prior/prior_report.h"
#include "pipelines/dicom/prior/sr_reader.h"
#include "pipelines/model/concepts.h"

namespace osteon {
namespace {

namespace fs = std::filesystem;

std::optional<PatientIdentity> PatientOf(const Study& study) {
  for (const SeriesInfo& series : study.series) {
    for (const FrameSource& frame : series.frames) {
      if (auto patient = ReadFilePatient(frame.path)) return patient;
    }
  }
  return std::nullopt;
}

// Why the report cannot be used as prior; nullptr when it can.
const Caveat* WhyNot(const SrFile& file, const std::optional<PatientIdentity>& patient,
                     const std::string& study_date) {
  static const Caveat kOther{
      "prior_other_patient",
      "The prior report given is of another patient and was not compared with."};
  static const Caveat kUnsure{
      "prior_patient_unsure",
      "It is not certain that the prior report given is of this patient (Patient ID (0010,0020) is "
      "empty or a placeholder, or nothing but the ID agrees): it was not compared with."};
  static const Caveat kUndated{
      "prior_undated",
      "The prior report given or this study has no valid Study Date (0008,0020), so it is not "
      "certain which is the earlier: they were not compared."};
  static const Caveat kLater{
      "prior_later_study",
      "The report given as prior is of a later study and was not compared with."};
  const SamePatient same = patient ? Compare(*patient, file.patient) : SamePatient::kUnsure;
  if (same == SamePatient::kNo) return &kOther;
  if (same == SamePatient::kUnsure) return &kUnsure;
  if (study_date.empty() || file.study_date.empty()) return &kUndated;
  return file.study_date > study_date ? &kLater : nullptr;
}

// A truncated file may have a header but no tree.
bool IsOurReport(const SrFile& file) {
  return file.manufacturer == kManufacturer && file.model_name == kProductName &&
         file.root.name_value == concepts::kImagingMeasurementReport.value;
}

bool Later(const SrFile& a, const SrFile& b) {
  const auto key = [](const SrFile& f) {
    return std::tie(f.study_date, f.content_date, f.content_time, f.sop_instance_uid);
  };
  return key(a) > key(b);
}

// All of Osteon's SRs below the folder.
Result<std::vector<SrFile>> OurReports(const fs::path& folder, const RunContext& run) {
  std::error_code failed;
  if (!fs::is_directory(folder, failed))
    return InvalidInput("prior: " + folder.string() + " is no folder");
  std::vector<SrFile> reports;
  for (auto entry = fs::recursive_directory_iterator(folder, failed);
       !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    if (run.Cancelled()) return Cancelled("while the prior report was read");
    if (!entry->is_regular_file(failed)) continue;
    auto file = ReadSrFile(entry->path());
    if (file && IsOurReport(*file)) reports.push_back(std::move(*file));
  }
  if (failed) return InvalidInput("prior: " + folder.string() + ": " + failed.message());
  return reports;
}

}  // namespace

bool AreOfOnePatient(const Study& a, const Study& b) {
  const std::optional<PatientIdentity> of_a = PatientOf(a), of_b = PatientOf(b);
  return of_a && of_b && Compare(*of_a, *of_b) == SamePatient::kYes;
}

Result<std::vector<ReportOptions::Predecessor>> FindPredecessors(const fs::path& folder,
                                                                 const Study& study,
                                                                 const std::string& fingerprint,
                                                                 const RunContext& run) {
  Result<std::vector<SrFile>> reports = OurReports(folder, run);
  if (!reports) return std::move(reports).error();
  std::vector<ReportOptions::Predecessor> predecessors;
  for (const SrFile& file : *reports) {
    if (file.study_instance_uid != study.study_instance_uid) continue;
    if (file.sop_instance_uid == DeriveUid(fingerprint, "sr")) continue;
    predecessors.push_back({file.study_instance_uid, file.series_instance_uid, file.sop_class_uid,
                            file.sop_instance_uid});
  }
  std::sort(predecessors.begin(), predecessors.end(),
            [](const auto& a, const auto& b) { return a.sop_instance_uid < b.sop_instance_uid; });
  return predecessors;
}

Result<std::optional<PriorReport>> ReadPriorReport(const fs::path& folder, const Study& study,
                                                   RunContext& run) {
  const std::optional<PatientIdentity> patient = PatientOf(study);
  std::vector<SrFile> usable;
  bool refused = false;
  Result<std::vector<SrFile>> reports = OurReports(folder, run);
  if (!reports) return std::move(reports).error();
  for (SrFile& file : *reports) {
    if (file.study_instance_uid == study.study_instance_uid) {
      refused = true;  // FindPredecessors handles it.
    } else if (const Caveat* why = WhyNot(file, patient, study.study_date)) {
      refused = true;
      run.AddCaveat(why->code, why->text);
    } else {
      usable.push_back(std::move(file));
    }
  }
  std::sort(usable.begin(), usable.end(), Later);
  for (const SrFile& file : usable) {
    if (auto prior = PriorReportOf(file)) return prior;
    run.AddCaveat("prior_not_evaluable",
                  "A prior study could not be evaluated and was not compared with.");
  }
  if (usable.empty() && !refused) {
    run.AddCaveat("prior_unreadable",
                  "No prior Osteon report could be read; nothing was compared.");
  }
  return std::optional<PriorReport>();
}

}  // namespace osteon
