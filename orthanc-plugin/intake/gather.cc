// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/gather.h"

#include "orthanc-plugin/archive/study_entry.h"
#include "orthanc-plugin/intake/selection.h"

namespace osteon::plugin {
namespace {

std::vector<MaterialInstance> TakenInstances(const StudyEntry& study, const Selection& selection) {
  std::vector<MaterialInstance> instances;
  for (std::size_t i = 0; i < study.series.size(); ++i) {
    if (!selection.series[i].taken) continue;
    for (const InstanceEntry& entry : study.series[i].instances)
      instances.push_back({MaterialRole::kStudy, entry.orthanc_id, study.series[i].series_uid,
                           entry.sop_instance_uid, entry.bytes, ""});
  }
  return instances;
}

}  // namespace

Result<Material> Gather(Archive& archive, const SelectionRules& rules, const Job& job) {
  auto read = ReadStudy(archive, job.study_id);
  if (!read) return std::move(read).error();
  if (!read->has_value()) return Cancelled("the study was deleted from Orthanc");
  const StudyEntry& study = **read;
  const Selection selection = Select(study, rules);
  if (selection.inputs_hash != job.inputs_hash)
    return NotReady(
        "the study does not hold the instances it was queued with; it will be looked at again");
  Material material;
  material.patient_id = study.patient_id;
  material.instances = TakenInstances(study, selection);
  auto history = ReadHistory(archive, study.patient_orthanc_id, study.orthanc_id, study.study_date);
  if (!history) return std::move(history).error();
  material.instances.insert(material.instances.end(), history->reports.begin(),
                            history->reports.end());
  material.radiographs = std::move(history->radiographs);
  for (MaterialInstance& instance : material.instances)
    if (Status added = AddMd5(archive, instance); !added) return std::move(added).error();
  return material;
}

}  // namespace osteon::plugin
