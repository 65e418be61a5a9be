// SPDX-License-Identifier: GPL-3.0-or-later
// Objects of Osteon in a study, and the patient that the header of an object names.
//
// Orthanc copies them like any other object when a study is anonymised, modified, merged or split:
// it rewrites the header, but neither the pixels of a page nor the text of a PDF, which still name
// the patient they were made for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "pipelines/base/result.h"

namespace osteon::plugin {

// True for the SOP classes that Osteon writes: SR documents, Segmentation, Secondary Capture,
// Encapsulated PDF.
bool IsResultClass(const std::string& sop_class_uid);

struct OwnObject {
  std::string orthanc_id;
  std::string sop_instance_uid;
  std::string relabelled;  // "modified" or "anonymised" when Orthanc made it so; else empty.
};

// Everything in series whose equipment is Osteon. MR images are left out: the phantom's are input.
Result<std::vector<OwnObject>> ReadOwnObjects(Archive& archive,
                                              const std::string& study_orthanc_id);

// Never logged, never shown.
struct PatientIdentity {
  std::string id;          // (0010,0020)
  std::string issuer;      // (0010,0021)
  std::string name;        // (0010,0010)
  std::string birth_date;  // (0010,0030)

  bool operator==(const PatientIdentity&) const = default;
};

// Another patient, or the same one under another name. An issuer that only one of them states
// proves nothing.
bool IsOtherPatient(const PatientIdentity& a, const PatientIdentity& b);

// Shows only whether two identities are the same: 16 hexadecimal digits.
std::string DigestOf(const PatientIdentity& patient);

struct ObjectHeader {
  PatientIdentity patient;
  std::string sop_class_uid;
  bool identity_removed = false;  // Patient Identity Removed (0012,0062) is YES.
  bool burned_in = false;         // Burned In Annotation (0028,0301) is YES.
  bool verified = false;          // Verification Flag (0040,A493): a person has signed it.
};

// Nothing when the instance is not (any more) in Orthanc. Reads its file.
Result<std::optional<ObjectHeader>> ReadObjectHeader(Archive& archive,
                                                     const std::string& instance_orthanc_id);

// As FindInstances, those of one study only: a study that was modified with its UIDs kept stands
// there twice.
Result<std::vector<std::string>> FindInstancesIn(Archive& archive,
                                                 const std::string& study_orthanc_id,
                                                 const std::string& sop_instance_uid);

// Why an object that no job of this study wrote must not stand in it; empty when it may: a result
// of another Osteon that came with its study, or what a person has signed. `study` is the header of
// one of the study's images, where there is one. `written_elsewhere`: a job of another study wrote
// it.
std::string WhyNotOfThisStudy(const OwnObject& object, const ObjectHeader& header,
                              const std::optional<ObjectHeader>& study, bool written_elsewhere);

}  // namespace osteon::plugin
