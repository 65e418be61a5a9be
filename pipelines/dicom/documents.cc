// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/documents.h"

#include "pipelines/dicom/page_writers.h"
#include "pipelines/dicom/result_object.h"
#include "pipelines/dicom/seg_writer.h"
#include "pipelines/dicom/sr_writer.h"

namespace osteon {

Result<std::vector<Document>> WriteDocuments(const AnalysedStudy& analysed, const ReportText& text,
                                             const ReportPictures& pictures,
                                             const ReportOptions& options) {
  Check(!options.fingerprint.empty(), "WriteDocuments: no fingerprint");
  Result<FrameSource> reference = ReferenceInstance(analysed);
  if (!reference) return std::move(reference).error();
  Result<SourceModules> source =
      ReadSourceModules(reference->path, analysed.study.study_instance_uid);
  if (!source) return std::move(source).error();

  std::vector<Document> documents;
  if (options.write_seg && !analysed.findings.lesions.empty()) {
    Result<Document> seg = WriteSeg(analysed, *source, options);
    if (!seg) return std::move(seg).error();
    documents.push_back(*std::move(seg));
  }
  if (options.write_pictures && !pictures.body_map.rgb.empty()) {
    Result<std::vector<Document>> pages = WriteSc(analysed, *source, pictures, text, options);
    if (!pages) return std::move(pages).error();
    for (Document& page : *pages) documents.push_back(std::move(page));
  }
  if (options.write_pdf && !pictures.pdf.empty()) {
    Result<Document> pdf = WritePdf(analysed, *source, pictures, text, options);
    if (!pdf) return std::move(pdf).error();
    documents.push_back(*std::move(pdf));
  }
  Result<Document> sr = WriteSr(analysed, *source, text, pictures, options);
  if (!sr) return std::move(sr).error();
  documents.push_back(*std::move(sr));
  return documents;
}

}  // namespace osteon
