// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/gather.h"

#include <fmt/core.h>

#include "orthanc-plugin/archive/study_entry.h"
#include "orthanc-plugin/intake/selection.h"
#include "pipelines/base/log.h"

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

// The STIR of an earlier study. Nothing when it was deleted or is too large.
Result<std::vector<MaterialInstance>> PriorImages(Archive& archive, const SelectionRules& rules,
                                                  const std::string& study_orthanc_id,
                                                  std::uint64_t most_bytes) {
  std::vector<MaterialInstance> images;
  if (study_orthanc_id.empty()) return images;
  const auto study = ReadStudy(archive, study_orthanc_id);
  if (!study) return study.error();
  if (!study->has_value()) return images;
  const Selection selection = Select(**study, rules);
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < selection.series.size(); ++i) {
    if (!selection.series[i].covers) continue;
    const SeriesEntry& series = (*study)->series[i];
    for (const InstanceEntry& entry : series.instances) {
      bytes += entry.bytes;
      images.push_back({MaterialRole::kPrior, entry.orthanc_id, series.series_uid,
                        entry.sop_instance_uid, entry.bytes, ""});
    }
  }
  if (bytes <= most_bytes) return images;
  LogInfo(fmt::format(
      "study {}: its {} MiB of STIR images are too many to be shown beside a later study",
      study_orthanc_id, bytes >> 20));
  return std::vector<MaterialInstance>();
}

}  // namespace

Result<Material> Gather(Archive& archive, const SelectionRules& rules, const Job& job,
                        std::uint64_t most_prior_bytes) {
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
  auto images = PriorImages(archive, rules, history->prior_study, most_prior_bytes);
  if (!images) return std::move(images).error();
  for (const auto* earlier : {&history->reports, &*images})
    material.instances.insert(material.instances.end(), earlier->begin(), earlier->end());
  material.radiographs = std::move(history->radiographs);
  for (MaterialInstance& instance : material.instances)
    if (Status added = AddMd5(archive, instance); !added) return std::move(added).error();
  return material;
}

}  // namespace osteon::plugin
