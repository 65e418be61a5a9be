// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/pages/page_writers.h"

#include <fmt/core.h>

#include <algorithm>

#include "pipelines/base/on_threads.h"
#include "pipelines/dicom/objects/key_slice.h"
#include "pipelines/dicom/objects/result_object.h"

namespace osteon {
namespace {

void PutRgbFormat(DcmItem& item, const RgbImage& image) {
  PutUs(item, DCM_SamplesPerPixel, {3});
  Put(item, DCM_PhotometricInterpretation, "RGB");
  PutUs(item, DCM_PlanarConfiguration, {0});
  PutUs(item, DCM_Rows, {static_cast<std::uint16_t>(image.height)});
  PutUs(item, DCM_Columns, {static_cast<std::uint16_t>(image.width)});
  PutUs(item, DCM_BitsAllocated, {8});
  PutUs(item, DCM_BitsStored, {8});
  PutUs(item, DCM_HighBit, {7});
  PutUs(item, DCM_PixelRepresentation, {0});
  Put(item, DCM_LossyImageCompression, "00");
}

// PS3.3 C.7.6.1: whether the pixels identify the patient.
const char* BurnedIn(const ReportPictures& pictures) {
  return pictures.shows_identity ? "YES" : "NO";
}

// Without its pixels, which AppendPixels() adds.
Result<Document> WritePage(const SourceModules& source, const ReportOptions& options, int number,
                           const RgbImage& image, const std::string& comments,
                           const FrameSource* shown, const ReportPictures& pictures) {
  if (image.width <= 0 || image.height <= 0 || image.width > 65535 || image.height > 65535 ||
      image.rgb.size() !=
          3 * static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height)) {
    return Internal(fmt::format("picture {}: size and pixels do not match", number));
  }
  DcmDataset dataset;
  PutCommon(dataset, source, options, kScSeries, kScSopClassUid, ScRole(number), number);
  Put(dataset, DCM_ConversionType, "WSD");
  Put(dataset, DCM_ImageType, "DERIVED\\SECONDARY");
  Put(dataset, DCM_PatientOrientation, "");
  // The whole body is no paired body part, so there is no Laterality.
  Put(dataset, DCM_BodyPartExamined, "WHOLEBODY");
  Put(dataset, DCM_BurnedInAnnotation, BurnedIn(pictures));
  Put(dataset, DCM_DerivationDescription, "Report page by Osteon, UNVERIFIED");
  Put(dataset, DCM_ImageComments, comments);
  if (shown != nullptr) {
    DcmItem& reference = AddItem(dataset, DCM_SourceImageSequence);
    Put(reference, DCM_ReferencedSOPClassUID, shown->sop_class_uid);
    Put(reference, DCM_ReferencedSOPInstanceUID, shown->sop_instance_uid);
    if (IsMultiFrame(*shown)) {
      Put(reference, DCM_ReferencedFrameNumber, std::to_string(shown->frame_number));
    }
    AddCode(reference, DCM_PurposeOfReferenceCodeSequence, concepts::kSourceImageForProcessing);
  }
  PutRgbFormat(dataset, image);
  const std::string digits = std::to_string(number);
  return ToDocument("sc-" + std::string(digits.size() < 2 ? "0" : "") + digits + ".dcm", dataset);
}

const Lesion* LesionOf(const Findings& findings, int number) {
  for (const Lesion& lesion : findings.lesions) {
    if (lesion.number == number) return &lesion;
  }
  if (!findings.prior) return nullptr;
  for (const Lesion& gone : findings.prior->resolved) {
    if (gone.number == number) return &gone;
  }
  return nullptr;
}

}  // namespace

std::string ScRole(int number) { return fmt::format("sc {}", number); }

Result<std::vector<Document>> WriteSc(const AnalysedStudy& analysed, const SourceModules& source,
                                      const ReportPictures& pictures, const ReportText& text,
                                      const ReportOptions& options) {
  std::vector<Document> documents;
  std::vector<const RgbImage*> images = {&pictures.body_map};
  int number = 1;
  Result<Document> map =
      WritePage(source, options, number, pictures.body_map, text.title, nullptr, pictures);
  if (!map) return std::move(map).error();
  documents.push_back(*std::move(map));
  for (const KeyImage& key : pictures.key_images) {
    const Lesion* lesion = LesionOf(analysed.findings, key.lesion);
    Check(lesion != nullptr, "key image of a lesion that is not in the findings");
    const std::optional<KeySlice> slice = KeySliceOf(analysed, *lesion);
    const FrameSource* shown =
        slice ? &analysed.study.series[slice->series].frames[slice->frame] : nullptr;
    Result<Document> page =
        WritePage(source, options, ++number, key.image, lesion->tracking_id, shown, pictures);
    if (!page) return std::move(page).error();
    documents.push_back(*std::move(page));
    images.push_back(&key.image);
  }
  OnThreads(options.threads, static_cast<int>(documents.size()), [&](int n) {
    const std::vector<std::uint8_t>& rgb = images[static_cast<std::size_t>(n)]->rgb;
    AppendPixels(documents[static_cast<std::size_t>(n)].bytes,
                 {reinterpret_cast<const char*>(rgb.data()), rgb.size()});
  });
  return documents;
}

Result<Document> WritePdf(const AnalysedStudy& analysed, const SourceModules& source,
                          const ReportPictures& pictures, const ReportText& text,
                          const ReportOptions& options) {
  Check(!pictures.pdf.empty(), "WritePdf: no PDF");
  DcmDataset dataset;
  PutCommon(dataset, source, options, kPdfSeries, kPdfSopClassUid, "pdf", 1);
  Put(dataset, DCM_ConversionType, "WSD");
  Put(dataset, DCM_BurnedInAnnotation, BurnedIn(pictures));
  Put(dataset, DCM_AcquisitionDateTime, source.date + source.time);
  Put(dataset, DCM_DocumentTitle, text.title);
  Put(dataset, DCM_VerificationFlag, "UNVERIFIED");
  AddCode(dataset, DCM_ConceptNameCodeSequence, concepts::kImagingMeasurementReport);
  for (const SourceInstance& instance : SourceInstances(analysed)) {
    DcmItem& reference = AddItem(dataset, DCM_SourceInstanceSequence);
    Put(reference, DCM_ReferencedSOPClassUID, instance.sop_class_uid);
    Put(reference, DCM_ReferencedSOPInstanceUID, instance.sop_instance_uid);
  }
  Put(dataset, DCM_MIMETypeOfEncapsulatedDocument, "application/pdf");
  PutUl(dataset, DCM_EncapsulatedDocumentLength, {static_cast<std::uint32_t>(pictures.pdf.size())});
  PutBytes(dataset, DCM_EncapsulatedDocument, EVR_OB, pictures.pdf);
  return ToDocument("report-pdf.dcm", dataset);
}

}  // namespace osteon
