// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/sr/sr_writer.h"

#include <dcmtk/config/osconfig.h>
#include <fmt/core.h>
//
#include <dcmtk/dcmsr/dsrdoc.h>

#include <algorithm>
#include <map>
#include <set>

#include "pipelines/base/uid.h"
#include "pipelines/base/version.h"
#include "pipelines/dicom/objects/key_slice.h"
#include "pipelines/dicom/objects/result_object.h"
#include "pipelines/dicom/pages/page_writers.h"
#include "pipelines/dicom/sr/sr_evidence.h"
#include "pipelines/dicom/sr/sr_groups.h"
#include "pipelines/dicom/sr/sr_parts.h"
#include "pipelines/dicom/sr/sr_study_group.h"

namespace osteon {
namespace {

const char* SopClassOf(SrClass sr_class) {
  switch (sr_class) {
    case SrClass::kComprehensive3d:
      return UID_Comprehensive3DSRStorage;
    case SrClass::kComprehensive:
      return UID_ComprehensiveSRStorage;
    case SrClass::kEnhanced:
      return UID_EnhancedSRStorage;
  }
  return UID_Comprehensive3DSRStorage;
}

// TID 1204, TID 1001 and 1004, procedure reported.
void AddContext(const ReportText& text, const ReportOptions& options, SrItem& root) {
  using enum SrRelation;
  const std::string device_uid = DeriveUid(options.pipeline.hash, "device observer");
  const Code language = text.language == Language::kGerman ? concepts::kGerman : concepts::kEnglish;
  root.children = {SrCode(kConceptMod, concepts::kLanguage, language),
                   SrCode(kObsContext, concepts::kObserverType, concepts::kDevice),
                   SrUid(kObsContext, concepts::kDeviceObserverUid, device_uid),
                   SrText(kObsContext, concepts::kDeviceObserverModel,
                          std::string(kProductName) + " " + options.pipeline.version),
                   SrCode(kConceptMod, concepts::kProcedureReported, concepts::kWholeBodyMri)};
}

SrItem TextList(Code heading, Code name, const std::vector<std::string>& lines) {
  SrItem list = SrContainer(SrRelation::kContains, heading);
  for (const std::string& line : lines) {
    if (!line.empty()) list.children.push_back(SrText(SrRelation::kContains, name, line));
  }
  return list;
}

// "3. Left proximal tibia, epiphysis: 26 × 25 × 22 mm, ..."
void AddRows(const std::vector<LesionText>& texts, std::vector<std::string>& lines) {
  for (const LesionText& text : texts) {
    if (!text.in_variants) lines.push_back(fmt::format("{}. {}", text.number, text.description));
  }
}

// One line per lesion, then marks that are not counted, resolved lesions, one line for all normal
// variants, and the criteria.
std::vector<std::string> FindingLines(const ReportText& text) {
  std::vector<std::string> lines;
  AddRows(text.lesions, lines);
  AddRows(text.other_marks, lines);
  AddRows(text.resolved, lines);
  lines.push_back(text.variants);
  lines.push_back(text.criteria);
  return lines;
}

// First the impression and the lesions line by line, since a reader may read no further; then
// technique and limitations. With a prior report the impression says with which it was compared.
void AddWords(const Findings& of, const ReportText& text, SrItem& root) {
  std::vector<std::string> impression = {text.banner};
  impression.insert(impression.end(), text.impression.begin(), text.impression.end());
  root.children.push_back(TextList(concepts::kImpressions, concepts::kImpression, impression));
  SrItem findings = TextList(concepts::kFindings, concepts::kFinding, FindingLines(text));
  if (!findings.children.empty()) root.children.push_back(std::move(findings));
  std::vector<std::string> quality = {text.technique, of.prior ? "" : text.comparison};
  quality.insert(quality.end(), text.limitations.begin(), text.limitations.end());
  root.children.push_back(
      TextList(concepts::kQualityAssessment, concepts::kQualityFinding, quality));
  if (!text.radiographs.empty()) {
    root.children.push_back(TextList(concepts::kRelevantPreviousProcedures,
                                     concepts::kPreviousProcedure, text.radiographs));
  }
}

// The marks that a viewer should list: lesions, then marks that are not counted. Of normal variants
// that were no lesion before nothing is remarkable: the Findings name them in one line, and
// findings.json has their places and numbers.
std::vector<const Lesion*> ListedMarks(const Findings& findings, const ReportText& text) {
  std::vector<const Lesion*> marks;
  for (const Lesion& lesion : findings.lesions) marks.push_back(&lesion);
  for (std::size_t n = 0; n < findings.other_marks.size(); ++n) {
    const bool in_variants = n < text.other_marks.size() && text.other_marks[n].in_variants;
    if (!in_variants) marks.push_back(&findings.other_marks[n]);
  }
  return marks;
}

// The frames that show the marks best, by series; only frames that an image library entry may name.
using KeyFrames = std::map<std::size_t, std::set<std::size_t>>;

KeyFrames KeyFramesOf(const AnalysedStudy& analysed, const ReportText& text) {
  KeyFrames frames;
  for (const Lesion* mark : ListedMarks(analysed.findings, text)) {
    if (const auto slice = KeySliceOf(analysed, *mark)) frames[slice->series].insert(slice->frame);
  }
  return frames;
}

// TID 1600: the images that show the marks, one group per series. Entries are optional (PS3.16 TID
// 1600, 1601); every image of the analysis is in Current Requested Procedure Evidence, and items
// for some hundred images would make the report unreadable. The one descriptor that TID 1602
// requires has the relationship HAS ACQ CONTEXT.
SrItem ImageLibrary(const AnalysedStudy& analysed, const ReportText& text) {
  SrItem library = SrContainer(SrRelation::kContains, concepts::kImageLibrary, "1600");
  for (const auto& [n, frames] : KeyFramesOf(analysed, text)) {
    const SeriesInfo& series = analysed.study.series[n];
    SrItem group = SrContainer(SrRelation::kContains, concepts::kImageLibraryGroup);
    group.children = {SrCode(SrRelation::kAcqContext, concepts::kModality, concepts::kMr)};
    std::set<std::string> listed;
    for (std::size_t f : frames) {
      const FrameSource& frame = series.frames[f];
      if (!listed.insert(frame.sop_instance_uid).second) continue;
      group.children.push_back(
          SrImage(SrRelation::kContains, {}, frame.sop_class_uid, frame.sop_instance_uid));
    }
    library.children.push_back(std::move(group));
  }
  return library;
}

bool HasPlace(const SrItem& group) {
  return std::ranges::any_of(
      group.children, [](const SrItem& child) { return child.name == concepts::kImageRegion; });
}

// Groups with a place in Imaging Measurements (PS3.16 TID 1500 rows 6 to 9), the others in Derived
// Imaging Measurements (row 10): viewers offer to jump to every group of the former and fail where
// it has no place (OHIF 3.12 and 3.13 stop reading the report). Imaging Measurements is written
// also when it is empty, since viewers expect it. Row 11 has TID 1420 in Derived Imaging
// Measurements, each number inferred from groups by reference. TID 1501 there is an extension,
// which TID 1500 allows: the group can also say what is not inferred from any group: no lesion, not
// evaluable, resolved.
std::vector<SrItem> Measurements(const SrContext& c) {
  const Findings& findings = c.analysed.findings;
  SrItem placed = SrContainer(SrRelation::kContains, concepts::kImagingMeasurements);
  SrItem derived = SrContainer(SrRelation::kContains, concepts::kDerivedMeasurements);
  // TID 4019, once for all groups (row 10b).
  derived.children = Algorithm(c.options);
  const auto add = [&](SrItem group) {
    (HasPlace(group) ? placed : derived).children.push_back(std::move(group));
  };
  add(StudyGroup(c));
  int segment = 0;
  for (const Lesion* mark : ListedMarks(findings, c.text)) {
    const bool lesion = mark->judgement == LesionClass::kLesion;
    add(MarkGroup(c, *mark, lesion ? ++segment : 0));
  }
  if (findings.prior) {
    for (const Lesion& gone : findings.prior->resolved) {
      add(ResolvedGroup(c, gone));
    }
  }
  return {std::move(placed), std::move(derived)};
}

std::optional<SrItem> PriorReport(const Findings& findings) {
  if (!findings.prior || findings.prior->sr_sop_instance_uid.empty()) return std::nullopt;
  SrItem prior = SrImage(SrRelation::kContains, concepts::kPreviousReports,
                         findings.prior->sr_sop_class_uid, findings.prior->sr_sop_instance_uid);
  prior.type = SrType::kComposite;
  return prior;
}

std::map<int, std::string> PictureUids(const ReportPictures& pictures,
                                       const ReportOptions& options) {
  std::map<int, std::string> uids;
  if (!options.write_pictures || pictures.body_map.rgb.empty()) return uids;
  int number = 1;
  uids[0] = InstanceUid(options, ScRole(number));
  for (const KeyImage& key : pictures.key_images) {
    uids[key.lesion] = InstanceUid(options, ScRole(++number));
  }
  return uids;
}

// PS3.3 C.12.1: declares the private scheme 99OSTEON.
void PutOwnScheme(DcmItem& item) {
  DcmItem& scheme = AddItem(item, DCM_CodingSchemeIdentificationSequence);
  Put(scheme, DCM_CodingSchemeDesignator, concepts::kOwnScheme);
  Put(scheme, DCM_CodingSchemeName,
      "Osteon: change of a lesion, segment of a bone, growth plate, quantities");
  Put(scheme, DCM_CodingSchemeResponsibleOrganization, kManufacturer);
}

void PutDocument(const SrContext& c, const SourceModules& source, DcmItem& item) {
  PutCommon(item, source, c.options, kSrSeries, SopClassOf(c.options.sr_class), "sr", 1);
  item.insertEmptyElement(DCM_ReferencedPerformedProcedureStepSequence);
  item.insertEmptyElement(DCM_PerformedProcedureCodeSequence);
  for (unsigned long n = 0; n < source.requests->card(); ++n) {
    DcmElement* requests = source.requests->getElement(n);
    Check(item.insert(OFstatic_cast(DcmElement*, requests->clone()), OFTrue).good(), "requests");
  }
  PutOwnScheme(item);
  Put(item, DCM_CompletionFlag, "COMPLETE");
  Put(item, DCM_VerificationFlag, "UNVERIFIED");
  Put(item, DCM_PreliminaryFlag, "PRELIMINARY");
  PutEvidence(c, item);
}

// Strict readers (DCMTK and programs built on it) refuse a whole document for one content item with
// a UID that PS3.5 9.1 does not allow, such as one with leading zeros; in its header they accept
// it. Where the images have such UIDs, Current Requested Procedure Evidence and the SEG refer to
// them unchanged, and the content tree has no items that need them.
bool IsRefused(const SrItem& item) {
  switch (item.type) {
    case SrType::kUidRef:
      return !IsUid(item.text);
    case SrType::kImage:
    case SrType::kComposite:
      return !IsUid(item.sop_instance_uid);
    case SrType::kScoord3d:
      return !IsUid(item.frame_of_reference_uid);
    case SrType::kScoord:
      return std::ranges::any_of(item.children, IsRefused);  // Useless without its image.
    default:
      return false;
  }
}

bool IsEmptyLibrary(const SrItem& item) {
  const bool library = item.name == concepts::kImageLibrary;
  const bool group = item.name == concepts::kImageLibraryGroup;
  return (library || group) && std::ranges::none_of(item.children, [](const SrItem& child) {
           return child.type == SrType::kImage || child.type == SrType::kContainer;
         });
}

SrItem WithoutRefused(SrItem item) {
  std::erase_if(item.children, IsRefused);
  for (SrItem& child : item.children) child = WithoutRefused(std::move(child));
  std::erase_if(item.children, IsEmptyLibrary);
  return item;
}

// DCMTK knows which relationships each SR class allows; a document that it cannot read back is not
// stored.
Status CheckReadable(DcmDataset& dataset) {
  DSRDocument document;
  const OFCondition read = document.read(dataset);
  if (read.bad()) return Internal(std::string("SR is not valid: ") + read.text());
  return {};
}

}  // namespace

Result<Document> WriteSr(const AnalysedStudy& analysed, const SourceModules& source,
                         const ReportText& text, const ReportPictures& pictures,
                         const ReportOptions& options) {
  const bool has_seg = options.write_seg && !analysed.findings.lesions.empty();
  const SrContext context{analysed, text, options,
                          has_seg ? InstanceUid(options, "seg") : std::string(),
                          PictureUids(pictures, options)};
  SrItem root = SrContainer(SrRelation::kRoot, concepts::kImagingMeasurementReport, "1500");
  AddContext(text, options, root);
  AddWords(analysed.findings, text, root);
  if (std::optional<SrItem> prior = PriorReport(analysed.findings)) {
    root.children.push_back(*std::move(prior));
  }
  if (SrItem library = ImageLibrary(analysed, text); !library.children.empty())
    root.children.push_back(std::move(library));
  Append(root.children, Measurements(context));

  DcmDataset dataset;
  PutDocument(context, source, dataset);
  EncodeSrTree(WithoutRefused(std::move(root)), dataset);
  if (Status readable = CheckReadable(dataset); !readable) return std::move(readable).error();
  return ToDocument("sr.dcm", dataset);
}

}  // namespace osteon
