// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/objects/result_object.h"

#include <algorithm>

#include "pipelines/base/uid.h"
#include "pipelines/base/version.h"

namespace osteon {

namespace {

void PutIfAny(DcmItem& item, const DcmTagKey& tag, const std::string& text) {
  if (!text.empty()) Put(item, tag, text);
}

// Content Date and Time are type 1 in SR and SEG. Where the images have no date and time they are
// the time of writing, in UTC; no date of the images is then copied that could have another offset.
void PutContentTime(DcmItem& item, const SourceModules& source, const ReportOptions& options) {
  if (!source.date.empty() && !source.time.empty()) {
    Put(item, DCM_ContentDate, source.date);
    Put(item, DCM_ContentTime, source.time);
    return;
  }
  Check(options.written_at_utc.size() == 14, "no time of writing");
  Put(item, DCM_ContentDate, options.written_at_utc.substr(0, 8));
  Put(item, DCM_ContentTime, options.written_at_utc.substr(8));
  if (source.date.empty()) Put(item, DCM_TimezoneOffsetFromUTC, "+0000");
}

}  // namespace

std::string SeriesUid(const ReportOptions& options, const ResultSeries& series) {
  return DeriveUid(options.fingerprint, std::string(series.role) + " series");
}

std::string InstanceUid(const ReportOptions& options, std::string_view role) {
  return DeriveUid(options.fingerprint, role);
}

void PutCommon(DcmItem& item, const SourceModules& source, const ReportOptions& options,
               const ResultSeries& series, std::string_view sop_class_uid, std::string_view role,
               int instance_number) {
  PutPatientAndStudy(item, source);
  Put(item, DCM_SOPClassUID, sop_class_uid);
  Put(item, DCM_SOPInstanceUID, InstanceUid(options, role));
  PutIfAny(item, DCM_InstanceCreationDate, source.date);
  PutIfAny(item, DCM_InstanceCreationTime, source.time);

  Put(item, DCM_Modality, series.modality);
  Put(item, DCM_SeriesInstanceUID, SeriesUid(options, series));
  Put(item, DCM_SeriesNumber, std::to_string(series.number));
  Put(item, DCM_SeriesDescription, series.description);
  PutIfAny(item, DCM_SeriesDate, source.date);
  PutIfAny(item, DCM_SeriesTime, source.time);

  Put(item, DCM_Manufacturer, kManufacturer);
  Put(item, DCM_ManufacturerModelName, kProductName);
  // Software has no serial number; the hash of pipeline, models and configuration identifies an
  // installation.
  Put(item, DCM_DeviceSerialNumber, Shortened(options.pipeline.hash, 16));
  Put(item, DCM_SoftwareVersions,
      Shortened(options.pipeline.version, 64) + "\\" + Shortened(options.pipeline.hash, 64));

  Put(item, DCM_InstanceNumber, std::to_string(instance_number));
  PutContentTime(item, source, options);
}

std::vector<std::size_t> SourceSeries(const AnalysedStudy& a) {
  std::set<std::size_t> used(a.choice.stir.begin(), a.choice.stir.end());
  for (const auto& ranges : a.composed.sources) {
    for (const ComposedVolume::RowRange& range : ranges) used.insert(range.series);
  }
  for (const auto* more :
       {&a.choice.t1, &a.choice.t1_post_contrast, &a.choice.diffusion, &a.choice.adc}) {
    used.insert(more->begin(), more->end());
  }
  if (used.empty()) {
    for (std::size_t n = 0; n < a.study.series.size(); ++n) {
      if (a.study.series[n].modality == "MR") used.insert(n);
    }
  }
  std::erase_if(used, [&](std::size_t n) { return n >= a.study.series.size(); });
  return {used.begin(), used.end()};
}

std::vector<SourceInstance> SourceInstances(const AnalysedStudy& a) {
  std::set<SourceInstance> instances;
  for (std::size_t n : SourceSeries(a)) {
    for (const FrameSource& frame : a.study.series[n].frames) {
      if (frame.missing()) continue;
      instances.insert({frame.series_instance_uid, frame.sop_class_uid, frame.sop_instance_uid});
    }
  }
  return {instances.begin(), instances.end()};
}

Result<FrameSource> ReferenceInstance(const AnalysedStudy& a) {
  std::vector<std::size_t> order(a.choice.stir);
  const std::vector<std::size_t> all = SourceSeries(a);
  order.insert(order.end(), all.begin(), all.end());
  for (std::size_t n : order) {
    if (n >= a.study.series.size()) continue;
    const auto& frames = a.study.series[n].frames;
    const auto found =
        std::ranges::find_if(frames, [](const FrameSource& f) { return !f.missing(); });
    if (found != frames.end()) return *found;
  }
  return InvalidInput("study " + a.study.study_instance_uid + " has no MR image to report on");
}

std::string FrameOfReferenceOf(const VolumeGeometry& geometry) {
  const std::string& uid = geometry.frame_of_reference_uid;
  const bool usable = uid.size() <= 64 && uid.find_first_not_of("0123456789.") == std::string::npos;
  return usable ? uid : std::string();
}

bool IsMultiFrame(const FrameSource& frame) { return frame.sop_class_uid != UID_MRImageStorage; }

void PutReferencedSeries(DcmItem& item, const std::vector<SourceInstance>& instances) {
  DcmItem* series = nullptr;
  std::string series_uid;
  for (const SourceInstance& instance : instances) {
    if (series == nullptr || instance.series_instance_uid != series_uid) {
      series = &AddItem(item, DCM_ReferencedSeriesSequence);
      series_uid = instance.series_instance_uid;
      Put(*series, DCM_SeriesInstanceUID, series_uid);
    }
    DcmItem& reference = AddItem(*series, DCM_ReferencedInstanceSequence);
    Put(reference, DCM_ReferencedSOPClassUID, instance.sop_class_uid);
    Put(reference, DCM_ReferencedSOPInstanceUID, instance.sop_instance_uid);
  }
}

Result<Document> ToDocument(std::string name, DcmDataset& dataset, std::string_view pixels) {
  OFString sop_class, instance;
  Check(dataset.findAndGetOFString(DCM_SOPClassUID, sop_class).good(), "no SOP Class UID");
  Check(dataset.findAndGetOFString(DCM_SOPInstanceUID, instance).good(), "no SOP Instance UID");
  Result<std::string> bytes = ToPart10(dataset, pixels);
  if (!bytes) return std::move(bytes).error().During(name);
  return Document{std::move(name), sop_class.c_str(), instance.c_str(), *std::move(bytes)};
}

}  // namespace osteon
