// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pipelines/base/uid.h"
#include "pipelines/dicom/objects/result_object.h"
#include "pipelines/dicom/pages/page_writers.h"
#include "pipelines/dicom/seg/seg_writer.h"
#include "pipelines/dicom/sr/sr_writer.h"

namespace osteon {
namespace {

constexpr std::size_t kLongestUid = 64;

struct NamedUid {
  const char* attribute;
  const std::string& uid;
};

// Checks the UIDs that our objects refer to. Attributes with invalid UIDs of up to 64 characters
// are added to `odd`.
Status CheckUids(const AnalysedStudy& a, std::set<std::string>& odd) {
  for (const std::size_t n : SourceSeries(a)) {
    const SeriesInfo& series = a.study.series[n];
    for (const FrameSource& frame : series.frames) {
      if (frame.missing()) continue;
      for (const NamedUid& named :
           {NamedUid{"Study Instance UID (0020,000D)", a.study.study_instance_uid},
            NamedUid{"Series Instance UID (0020,000E)", frame.series_instance_uid},
            NamedUid{"SOP Instance UID (0008,0018)", frame.sop_instance_uid}}) {
        if (IsUid(named.uid)) continue;
        odd.insert(named.attribute);
        if (named.uid.size() <= kLongestUid) continue;
        return InvalidInput(
            fmt::format("{}: {} has {} characters where DICOM allows 64, so no report can refer to "
                        "it: correct the study in the archive",
                        frame.path.filename().string(), named.attribute, named.uid.size()));
      }
    }
    const std::string frame_of_reference = FrameOfReferenceOf(series.geometry);
    if (!frame_of_reference.empty() && !IsUid(frame_of_reference))
      odd.insert("Frame of Reference UID (0020,0052)");
  }
  return {};
}

std::string Listed(const std::set<std::string>& attributes) {
  return fmt::format("{}", fmt::join(attributes, ", "));
}

bool HasFrameOfReference(const AnalysedStudy& a) {
  return std::ranges::none_of(a.choice.stir, [&](std::size_t n) {
    return FrameOfReferenceOf(a.study.series[n].geometry).empty();
  });
}

}  // namespace

Result<std::vector<Caveat>> CheckHeaders(const Study& study, const SeriesChoice& choice,
                                         const ReportOptions& options) {
  const ComposedVolume no_volume;
  const LesionMap no_lesions;
  Findings nothing;
  nothing.evaluable = false;
  nothing.not_evaluable_reason = "not assessed yet";
  const AnalysedStudy headers{study, choice, no_volume, no_lesions, nothing};
  std::set<std::string> odd_uids;
  if (Status uids = CheckUids(headers, odd_uids); !uids) return std::move(uids).error();
  Result<FrameSource> reference = ReferenceInstance(headers);
  if (!reference) return std::move(reference).error();
  Result<SourceModules> source = ReadSourceModules(reference->path, study.study_instance_uid);
  if (!source) return std::move(source).error();

  ReportText words;
  words.banner = words.technique = nothing.not_evaluable_reason;
  const Result<Document> sr = WriteSr(headers, *source, words, {}, options);
  if (!sr) return Error(sr.error()).During(reference->path.filename().string());

  std::vector<Caveat> caveats = std::move(source->caveats);
  if (!odd_uids.empty()) {
    const std::string list = Listed(odd_uids);
    caveats.push_back(
        {"uids_kept",
         "The images have identifiers that DICOM does not allow, such as leading "
         "zeros (" +
             list +
             "): the evidence of this report and its segmentation "
             "refer to them as they are, its text leaves them out so that strict readers "
             "can open it.",
         {list}});
  }
  if (!HasFrameOfReference(headers)) {
    caveats.push_back({"no_frame_of_reference",
                       "The images have no Frame of Reference UID (0020,0052): places are given on "
                       "the images themselves, and cannot be shown on other series.",
                       {}});
  }
  if (study.study_date.empty()) {
    caveats.push_back({"no_study_date",
                       "The images have no valid Study Date (0008,0020); neither has this report.",
                       {}});
  }
  return caveats;
}

Result<std::vector<Document>> WriteDocuments(const AnalysedStudy& analysed, const ReportText& text,
                                             const ReportPictures& pictures,
                                             const ReportOptions& options) {
  Check(!options.fingerprint.empty(), "WriteDocuments: no fingerprint");
  Result<FrameSource> reference = ReferenceInstance(analysed);
  if (!reference) return std::move(reference).error();
  Result<SourceModules> source =
      ReadSourceModules(reference->path, analysed.study.study_instance_uid);
  if (!source) return std::move(source).error();

  // One after the other: DCMTK moves a cursor when it looks up an attribute, so two threads that
  // read the modules of the source lose values.
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
