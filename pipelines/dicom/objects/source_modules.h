// SPDX-License-Identifier: GPL-3.0-or-later
// Who the patient is and which study this is, read late and from one source file: the only place
// where identity passes through, and it goes straight into our objects. Only for .cc files of
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
  // attribute as it was, or as RepairItem made it. Patient ID and Study Instance UID always as they
  // were: our objects belong to that study.
  std::unique_ptr<DcmDataset> patient_and_study;
  std::string position_reference_indicator;
  // Referenced Request Sequence items for the SR, from Request Attributes; no item when the study
  // had no request.
  std::unique_ptr<DcmDataset> requests;
  // Of the instance: acquisition, else series, else content, else study date and time. The
  // documents carry this and not the time of the analysis, so a repeat gives the same bytes.
  // Empty when the file has none: there is no other date that would be true.
  std::string date, time;
  // What was repaired or left out, for the report. Not of the pages: read twice, it is the same.
  std::vector<Caveat> caveats;
};

// Error kInvalidInput naming the module or attribute: the file cannot be read, has neither Patient
// ID nor name attribute, a Patient ID that no object may have, no Study Instance UID or another one
// than `study_instance_uid`.
Result<SourceModules> ReadSourceModules(const std::filesystem::path& path,
                                        const std::string& study_instance_uid);

// Copies them into an object under way, with Specific Character Set.
void PutPatientAndStudy(DcmItem& item, const SourceModules& source);

}  // namespace osteon
