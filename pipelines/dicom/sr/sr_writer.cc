// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/sr/sr_writer.h"

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmsr/dsrdoc.h>

#include <algorithm>
#include <map>
#include <set>

#include "pipelines/base/uid.h"
#include "pipelines/base/version.h"
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
  root.children = {
      SrCode(kConceptMod, concepts::kLanguage, language),
      SrCode(kObsContext, concepts::kObserverType, concepts::kDevice),
      SrUid(kObsContext, concepts::kDeviceObserverUid, device_uid),
      SrText(kObsContext, concepts::kDeviceObserverName, options.pipeline.name),
      SrText(kObsContext, concepts::kDeviceObserverManufacturer, std::string(kManufacturer)),
      SrText(kObsContext, concepts::kDeviceObserverModel,
             std::string(kProductName) + " " + options.pipeline.version),
      SrText(kObsContext, concepts::kDeviceObserverSerial, Shortened(options.pipeline.hash, 16)),
      SrCode(kConceptMod, concepts::kProcedureReported, concepts::kWholeBodyMri)};
}

SrItem TextList(Code heading, Code name, const std::vector<std::string>& lines) {
  SrItem list = SrContainer(SrRelation::kContains, heading);
  for (const std::string& line : lines) {
    if (!line.empty()) list.children.push_back(SrText(SrRelation::kContains, name, line));
  }
  return list;
}

// The impression first, for the reader between two phone calls; then how it was made and what it
// does not say.
void AddWords(const ReportText& text, SrItem& root) {
  std::vector<std::string> impression = {text.banner};
  impression.insert(impression.end(), text.impression.begin(), text.impression.end());
  root.children.push_back(TextList(concepts::kImpressions, concepts::kImpression, impression));
  std::vector<std::string> quality = {text.technique, text.comparison};
  quality.insert(quality.end(), text.limitations.begin(), text.limitations.end());
  root.children.push_back(
      TextList(concepts::kQualityAssessment, concepts::kQualityFinding, quality));
  if (!text.criteria.empty()) {
    root.children.push_back(TextList(concepts::kFindings, concepts::kFinding, {text.criteria}));
  }
  if (!text.radiographs.empty()) {
    root.children.push_back(TextList(concepts::kRelevantPreviousProcedures,
                                     concepts::kPreviousProcedure, text.radiographs));
  }
}

// TID 1602 and 1604, for all entries of the group.
std::vector<SrItem> Descriptors(const SeriesInfo& series) {
  const Vec3 spacing = series.geometry.spacing_mm();
  std::vector<SrItem> items = {SrCode(SrRelation::kAcqContext, concepts::kModality, concepts::kMr)};
  const auto add = [&](Code name, Code unit, double value) {
    SrItem item = SrNum(name, unit, value, {}, {});
    item.relation = SrRelation::kAcqContext;
    item.children.clear();
    items.push_back(std::move(item));
  };
  if (std::string uid = FrameOfReferenceOf(series.geometry); !uid.empty()) {
    items.push_back(SrUid(SrRelation::kAcqContext, concepts::kFrameOfReferenceUid, std::move(uid)));
  }
  add(concepts::kPixelRows, concepts::kPixels, series.geometry.rows);
  add(concepts::kPixelColumns, concepts::kPixels, series.geometry.columns);
  add(concepts::kHorizontalSpacing, concepts::kMillimetre, spacing.x);
  add(concepts::kVerticalSpacing, concepts::kMillimetre, spacing.y);
  add(concepts::kSpacingBetweenSlices, concepts::kMillimetre, spacing.z);
  return items;
}

// TID 1600: every instance the analysis was made from, one group for each stack.
SrItem ImageLibrary(const AnalysedStudy& analysed) {
  SrItem library = SrContainer(SrRelation::kContains, concepts::kImageLibrary, "1600");
  std::set<std::string> listed;
  for (std::size_t n : SourceSeries(analysed)) {
    const SeriesInfo& series = analysed.study.series[n];
    SrItem group = SrContainer(SrRelation::kContains, concepts::kImageLibraryGroup);
    group.children = Descriptors(series);
    const std::size_t before = listed.size();
    for (const FrameSource& frame : series.frames) {
      if (frame.missing() || !listed.insert(frame.sop_instance_uid).second) continue;
      group.children.push_back(
          SrImage(SrRelation::kContains, {}, frame.sop_class_uid, frame.sop_instance_uid));
    }
    if (listed.size() > before) library.children.push_back(std::move(group));
  }
  return library;
}

const LesionText* WordsOf(const std::vector<LesionText>& texts, int number) {
  const auto found = std::ranges::find(texts, number, &LesionText::number);
  return found == texts.end() ? nullptr : &*found;
}

bool HasPlace(const SrItem& group) {
  return std::ranges::any_of(
      group.children, [](const SrItem& child) { return child.name == concepts::kImageRegion; });
}

// Groups with a place in Imaging Measurements, the others in Derived Imaging Measurements: viewers
// take every group of the former for something to jump to and fail where there is no place (OHIF
// 3.12 and 3.13 stop reading the report). Imaging Measurements is there also when it is empty,
// since they ask for it. TID 1500 is extensible; its own groups there (TID 1420) would need
// references within the document, which Comprehensive 3D SR has not.
std::vector<SrItem> Measurements(const SrContext& c) {
  const Findings& findings = c.analysed.findings;
  SrItem placed = SrContainer(SrRelation::kContains, concepts::kImagingMeasurements);
  SrItem derived = SrContainer(SrRelation::kContains, concepts::kDerivedMeasurements);
  const auto add = [&](SrItem group) {
    (HasPlace(group) ? placed : derived).children.push_back(std::move(group));
  };
  add(StudyGroup(c));
  int segment = 0;
  for (const Lesion& lesion : findings.lesions) {
    add(MarkGroup(c, lesion, ++segment, WordsOf(c.text.lesions, lesion.number)));
  }
  for (const Lesion& mark : findings.other_marks) {
    add(MarkGroup(c, mark, 0, WordsOf(c.text.other_marks, mark.number)));
  }
  if (findings.prior) {
    for (const Lesion& gone : findings.prior->resolved) {
      add(ResolvedGroup(c, gone, WordsOf(c.text.resolved, gone.number)));
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

// PS3.3 C.12.1: whose scheme 99OSTEON is.
void PutOwnScheme(DcmItem& item) {
  DcmItem& scheme = AddItem(item, DCM_CodingSchemeIdentificationSequence);
  Put(scheme, DCM_CodingSchemeDesignator, concepts::kOwnScheme);
  Put(scheme, DCM_CodingSchemeName,
      "Osteon: change of a lesion, segment of a bone, relation to the growth plate");
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

// Strict readers (DCMTK and what is built on it) refuse a whole document for one content item with
// a UID that is none by PS3.5 9.1, such as one with leading zeros; in its header they put up with
// them. Where the images have such UIDs, Current Requested Procedure Evidence and the SEG refer to
// them as they are, and the content tree goes without.
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
      return std::ranges::any_of(item.children, IsRefused);  // Nothing without its image.
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

// DCMTK knows which relationships each SR class allows; what it cannot read back must not leave the
// house.
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
  const SrContext context{
      analysed,
      text,
      options,
      has_seg ? InstanceUid(options, "seg") : std::string(),
      PictureUids(pictures, options),
      analysed.study.study_date.empty() ? source.date : analysed.study.study_date};
  SrItem root = SrContainer(SrRelation::kRoot, concepts::kImagingMeasurementReport, "1500");
  AddContext(text, options, root);
  AddWords(text, root);
  if (std::optional<SrItem> prior = PriorReport(analysed.findings)) {
    root.children.push_back(*std::move(prior));
  }
  root.children.push_back(ImageLibrary(analysed));
  Append(root.children, Measurements(context));

  DcmDataset dataset;
  PutDocument(context, source, dataset);
  EncodeSrTree(WithoutRefused(std::move(root)), dataset);
  if (Status readable = CheckReadable(dataset); !readable) return std::move(readable).error();
  return ToDocument("sr.dcm", dataset);
}

}  // namespace osteon
