// SPDX-License-Identifier: GPL-3.0-or-later
// Checks a received result, stores it in Orthanc and reads it back.
#pragma once

#include <string>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "orthanc-plugin/dispatch/assembly.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/base/result.h"

namespace osteon::plugin {

// Who a result must belong to.
struct ResultOwner {
  std::string study_id;  // Orthanc's.
  std::string study_uid;
  std::string patient_id;  // Never logged.
};

// Empty members when the study is not in Orthanc.
Result<ResultOwner> ReadOwner(Archive& archive, const std::string& study_orthanc_id);

// Each document is DICOM, of an allowed class, says what its manifest says, and belongs to the
// owner's study and patient. Errors: kInvalidInput that names the document.
Status CheckDocuments(Archive& archive, const std::vector<ReceivedDocument>& documents,
                      const ResultOwner& owner);

// Stores the documents and reads each back; then removes what earlier attempts of the job had
// stored and this one does not have. Safe to repeat: same UIDs, same objects. REQUIRES:
// CheckDocuments passed. Errors: kUnavailable when Orthanc does not store or return them (disk
// full): retry. kInternal when it returns another object than it stored.
Status StoreDocuments(Archive& archive, JobStore& store, const Job& job,
                      const std::vector<ReceivedDocument>& documents);

}  // namespace osteon::plugin
