// SPDX-License-Identifier: GPL-3.0-or-later
// The parts that all our objects share: equipment, series, and references to the sources. Only for
// .cc files of pipelines/dicom, since it shows DCMTK.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/dicom/dataset/builder.h"
#include "pipelines/dicom/objects/source_modules.h"
#include "pipelines/model/report.h"

namespace osteon {

// One of our series. Series Numbers are high, so that viewers list them last.
struct ResultSeries {
  std::string_view role;  // Its UID is DeriveUid(fingerprint, role + " series").
  std::string_view modality, description;
  int number = 0;
};
inline constexpr ResultSeries kSrSeries{"sr", "SR", "Osteon CNO report - UNVERIFIED", 9901};
inline constexpr ResultSeries kSegSeries{"seg", "SEG", "Osteon lesions - UNVERIFIED", 9902};
inline constexpr ResultSeries kScSeries{"sc", "OT", "Osteon body map - UNVERIFIED", 9903};
inline constexpr ResultSeries kPdfSeries{"pdf", "DOC", "Osteon report page - UNVERIFIED", 9904};

std::string SeriesUid(const ReportOptions& options, const ResultSeries& series);
// `role` names the object within the run: "sr", "seg", "sc 1".
std::string InstanceUid(const ReportOptions& options, std::string_view role);

// Patient, Study, Series, General and Enhanced General Equipment and SOP Common modules, instance
// number and content date and time.
void PutCommon(DcmItem& item, const SourceModules& source, const ReportOptions& options,
               const ResultSeries& series, std::string_view sop_class_uid, std::string_view role,
               int instance_number);

// One instance that the analysis used.
struct SourceInstance {
  std::string series_instance_uid, sop_class_uid, sop_instance_uid;
  friend auto operator<=>(const SourceInstance&, const SourceInstance&) = default;
};

// The series that the analysis read: STIR and the other contrasts, if any; all MR series when none
// was chosen. Indices into Study::series, ascending.
std::vector<std::size_t> SourceSeries(const AnalysedStudy& analysed);
// The instances of these series, each once, sorted.
std::vector<SourceInstance> SourceInstances(const AnalysedStudy& analysed);
// The STIR instance whose patient and study modules are copied. Error: kInvalidInput when the study
// has no image.
Result<FrameSource> ReferenceInstance(const AnalysedStudy& analysed);

// Frame of Reference UID of the images, also with leading zeros. Empty when they have none, or when
// it is longer than 64 characters or has letters: a UID of our own would claim that no other object
// of the study lies in that frame of reference.
std::string FrameOfReferenceOf(const VolumeGeometry& geometry);

// Whether a reference to this frame needs the frame number. (Classic MR instances have one frame
// and must not name it.)
bool IsMultiFrame(const FrameSource& frame);
// Referenced Series Sequence of the Common Instance Reference module (PS3.3 C.12.2). `instances`
// are sorted.
void PutReferencedSeries(DcmItem& item, const std::vector<SourceInstance>& instances);

// Encodes a complete dataset as a file; `pixels` as in ToPart10.
Result<Document> ToDocument(std::string name, DcmDataset& dataset, std::string_view pixels = {});

}  // namespace osteon
