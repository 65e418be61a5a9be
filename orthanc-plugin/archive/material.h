// SPDX-License-Identifier: GPL-3.0-or-later
// What a worker is given for one job: instances, earlier reports, radiographs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "pipelines/base/result.h"

namespace osteon::plugin {

enum class MaterialRole { kStudy, kPrior };

struct MaterialInstance {
  MaterialRole role = MaterialRole::kStudy;
  std::string orthanc_id;
  std::string series_uid;
  std::string sop_instance_uid;
  std::uint64_t bytes = 0;
  std::string md5;  // As Orthanc keeps it: 32 lower-case hexadecimal digits.
};

struct Radiograph {
  std::string study_uid;
  std::string modality;  // "CR", "DX".
  std::string body_part;
  std::string date;  // YYYYMMDD
};

struct Material {
  std::string patient_id;  // To compare with that of the result; never logged.
  std::vector<MaterialInstance> instances;
  std::vector<Radiograph> radiographs;
};

// The latest Osteon report (SR and SEG) of the patient's other studies up to `study_date`, and of
// this study itself (which the new report supersedes); and the patient's radiographs. Orthanc's
// patient is whatever has one Patient ID, so each study's header is compared
// (pipelines/base/same_patient.h): a study of another patient is passed over. Where no report is
// certain to be of this patient and not later, the latest that may be is given: the worker says why
// it did not compare with it. Radiographs that may be of another patient are left out and logged.
struct PatientHistory {
  std::vector<MaterialInstance> reports;
  // Orthanc's id of the other study that they are of, where that is certain; else empty.
  std::string prior_study;
  std::vector<Radiograph> radiographs;
};
Result<PatientHistory> ReadHistory(Archive& archive, const std::string& patient_orthanc_id,
                                   const std::string& study_orthanc_id,
                                   const std::string& study_date);

// Fills in MaterialInstance::md5. One call to Orthanc.
Status AddMd5(Archive& archive, MaterialInstance& instance);

}  // namespace osteon::plugin
