// SPDX-License-Identifier: GPL-3.0-or-later
// Patient and study modules of one source file, for our objects. The patient's identity is read
// only here, only when objects are written, and used for nothing else. Only for .cc files of
// pipelines/dicom, since it shows DCMTK.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dctk.h>

#include <memory>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"

namespace osteon {

// Attributes of one source instance, text in UTF-8 (ISO_IR 192).
struct SourceModules {
  // Patient (PS3.3 C.7.1.1), General Study (C.7.2.1) and Patient Study (C.7.2.2) modules, every
  // attribute unchanged or repaired by RepairItem. Patient ID and Study Instance UID are never
  // changed: our objects belong to that study.
  std::unique_ptr<DcmDataset> patient_and_study;
  std::string position_reference_indicator;
  // Referenced Request Sequence items for the SR, from Request Attributes; no item when the study
  // had no request.
  std::unique_ptr<DcmDataset> requests;
  // Acquisition, else series, else content, else study date and time of the instance. The documents
  // have this instead of the time of the analysis, so a repeat gives the same bytes. Empty when the
  // file has none.
  std::string date, time;
  // What was repaired or left out, for the report.
  std::vector<Caveat> caveats;
};

// Error kInvalidInput naming the module or attribute: the file cannot be read, has neither Patient
// ID nor Patient's Name, has a Patient ID that DICOM does not allow, no Study Instance UID, or
// another one than `study_instance_uid`.
Result<SourceModules> ReadSourceModules(const std::filesystem::path& path,
                                        const std::string& study_instance_uid);

// Copies the modules into an object that is being built, with Specific Character Set.
void PutPatientAndStudy(DcmItem& item, const SourceModules& source);

}  // namespace osteon
