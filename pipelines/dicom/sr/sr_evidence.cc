// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/sr/sr_evidence.h"

#include <map>
#include <set>

#include "pipelines/dicom/objects/result_object.h"
#include "pipelines/dicom/pages/page_writers.h"
#include "pipelines/dicom/seg/seg_writer.h"

namespace osteon {
namespace {

// Adds instances to an evidence macro (PS3.3 C.17.2.1: study, series, instance).
class Evidence {
 public:
  void Add(const std::string& study, const std::string& series, const std::string& sop_class,
           const std::string& instance) {
    studies_[study][series].insert({sop_class, instance});
  }
  void Put(DcmItem& item, const DcmTagKey& sequence) const {
    for (const auto& [study, all_series] : studies_) {
      DcmItem& study_item = AddItem(item, sequence);
      osteon::Put(study_item, DCM_StudyInstanceUID, study);
      for (const auto& [series, instances] : all_series) {
        DcmItem& series_item = AddItem(study_item, DCM_ReferencedSeriesSequence);
        osteon::Put(series_item, DCM_SeriesInstanceUID, series);
        for (const auto& [sop_class, instance] : instances) {
          DcmItem& reference = AddItem(series_item, DCM_ReferencedSOPSequence);
          osteon::Put(reference, DCM_ReferencedSOPClassUID, sop_class);
          osteon::Put(reference, DCM_ReferencedSOPInstanceUID, instance);
        }
      }
    }
  }

 private:
  using Series = std::map<std::string, std::set<std::pair<std::string, std::string>>>;
  std::map<std::string, Series> studies_;
};

}  // namespace

void PutEvidence(const SrContext& c, DcmItem& item) {
  const std::string& study = c.analysed.study.study_instance_uid;
  Evidence current;
  for (const SourceInstance& s : SourceInstances(c.analysed)) {
    current.Add(study, s.series_instance_uid, s.sop_class_uid, s.sop_instance_uid);
  }
  if (!c.seg_instance_uid.empty()) {
    current.Add(study, SeriesUid(c.options, kSegSeries), std::string(kSegSopClassUid),
                c.seg_instance_uid);
  }
  for (const auto& [lesion, uid] : c.picture_uids) {
    current.Add(study, SeriesUid(c.options, kScSeries), std::string(kScSopClassUid), uid);
  }
  current.Put(item, DCM_CurrentRequestedProcedureEvidenceSequence);

  const auto& prior = c.analysed.findings.prior;
  if (prior && !prior->sr_sop_instance_uid.empty()) {
    Evidence other;
    other.Add(prior->study_instance_uid, prior->sr_series_instance_uid, prior->sr_sop_class_uid,
              prior->sr_sop_instance_uid);
    other.Put(item, DCM_PertinentOtherEvidenceSequence);
  }
  Evidence predecessors;
  for (const ReportOptions::Predecessor& p : c.options.predecessors) {
    predecessors.Add(p.study_instance_uid, p.series_instance_uid, p.sop_class_uid,
                     p.sop_instance_uid);
  }
  predecessors.Put(item, DCM_PredecessorDocumentsSequence);
}

}  // namespace osteon
