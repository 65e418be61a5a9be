// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/seg_writer.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "pipelines/base/uid.h"
#include "pipelines/dicom/result_object.h"
#include "pipelines/dicom/seg_frames.h"

namespace osteon {
namespace {

// CIELab of colours after Okabe and Ito that stay apart for the colour-blind (orange, sky blue,
// green, yellow, blue, vermillion, purple), scaled as PS3.3 C.10.7.1.1 says. Computed from sRGB,
// D50.
constexpr std::array<std::array<std::uint16_t, 3>, 7> kCieLab = {{{46653, 38054, 52080},
                                                                  {45400, 28579, 23760},
                                                                  {37753, 21405, 36031},
                                                                  {58687, 30717, 52162},
                                                                  {29691, 30620, 22024},
                                                                  {35976, 44540, 49399},
                                                                  {40112, 42582, 30298}}};

void PutAlgorithm(DcmItem& segment, const ReportOptions& options) {
  DcmItem& algorithm = AddItem(segment, DCM_SegmentationAlgorithmIdentificationSequence);
  AddCode(algorithm, DCM_AlgorithmFamilyCodeSequence, concepts::kArtificialIntelligence);
  Put(algorithm, DCM_AlgorithmName, Shortened(options.pipeline.name, 64));
  Put(algorithm, DCM_AlgorithmVersion, Shortened(options.pipeline.version, 64));
  Put(algorithm, DCM_AlgorithmSource, "Osteon project");
}

void PutAnatomy(DcmItem& segment, const BoneUnit& unit) {
  DcmItem& region =
      AddCode(segment, DCM_AnatomicRegionSequence, {unit.snomed_code, "SCT", unit.snomed_meaning});
  if (unit.side == Side::kNone) return;
  AddCode(region, DCM_AnatomicRegionModifierSequence,
          unit.side == Side::kLeft ? concepts::kLeft : concepts::kRight);
}

void PutSegments(DcmItem& item, const Findings& findings, const ReportOptions& options) {
  std::uint16_t number = 0;
  for (const Lesion& lesion : findings.lesions) {
    DcmItem& segment = AddItem(item, DCM_SegmentSequence);
    const auto& lab = kCieLab[number % kCieLab.size()];
    PutUs(segment, DCM_SegmentNumber, {++number});
    Put(segment, DCM_SegmentLabel, Shortened(lesion.tracking_id, 64));
    Put(segment, DCM_SegmentAlgorithmType, "AUTOMATIC");
    Put(segment, DCM_SegmentAlgorithmName, Shortened(options.pipeline.name, 64));
    PutAlgorithm(segment, options);
    AddCode(segment, DCM_SegmentedPropertyCategoryCodeSequence, concepts::kMorphologicallyAltered);
    AddCode(segment, DCM_SegmentedPropertyTypeCodeSequence, concepts::kLesion);
    PutAnatomy(segment, UnitOf(lesion.unit));
    PutUs(segment, DCM_RecommendedDisplayCIELabValue, {lab[0], lab[1], lab[2]});
    Put(segment, DCM_TrackingID, Shortened(lesion.tracking_id, 64));
    Put(segment, DCM_TrackingUID, lesion.tracking_uid);
  }
}

// What all frames must share goes into the shared functional groups, the rest into each frame.
struct Layout {
  int rows = 0, columns = 0;
  bool one_orientation = true, one_spacing = true;
};

Layout LayoutOf(const Study& study, const std::vector<SegFrame>& frames) {
  Layout layout;
  const VolumeGeometry& first = study.series[frames.front().series].geometry;
  for (const SegFrame& frame : frames) {
    const VolumeGeometry& g = study.series[frame.series].geometry;
    const Affine &a = g.patient_from_voxel, &b = first.patient_from_voxel;
    layout.rows = std::max(layout.rows, g.rows);
    layout.columns = std::max(layout.columns, g.columns);
    const bool parallel = Norm(Unit(a.step_i) - Unit(b.step_i)) < 1e-6 &&
                          Norm(Unit(a.step_j) - Unit(b.step_j)) < 1e-6;
    layout.one_orientation &= parallel;
    layout.one_spacing &= Norm(g.spacing_mm() - first.spacing_mm()) < 1e-6 &&
                          study.series[frame.series].slice_thickness_mm ==
                              study.series[frames.front().series].slice_thickness_mm;
  }
  return layout;
}

void PutMeasures(DcmItem& group, const SeriesInfo& info) {
  const Vec3 spacing = info.geometry.spacing_mm();
  DcmItem& measures = AddItem(group, DCM_PixelMeasuresSequence);
  PutDecimals(measures, DCM_PixelSpacing, {spacing.y, spacing.x});
  PutDecimals(measures, DCM_SliceThickness,
              {info.slice_thickness_mm > 0 ? info.slice_thickness_mm : spacing.z});
  PutDecimals(measures, DCM_SpacingBetweenSlices, {spacing.z});
}

void PutOrientation(DcmItem& group, const VolumeGeometry& g) {
  const Vec3 row = Unit(g.patient_from_voxel.step_i), column = Unit(g.patient_from_voxel.step_j);
  PutDecimals(AddItem(group, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient,
              {row.x, row.y, row.z, column.x, column.y, column.z});
}

void PutDerivation(DcmItem& group, const FrameSource& source) {
  DcmItem& derivation = AddItem(group, DCM_DerivationImageSequence);
  AddCode(derivation, DCM_DerivationCodeSequence, concepts::kSegmentation);
  DcmItem& image = AddItem(derivation, DCM_SourceImageSequence);
  Put(image, DCM_ReferencedSOPClassUID, source.sop_class_uid);
  Put(image, DCM_ReferencedSOPInstanceUID, source.sop_instance_uid);
  if (IsMultiFrame(source)) {
    Put(image, DCM_ReferencedFrameNumber, std::to_string(source.frame_number));
  }
  Put(image, DCM_SpatialLocationsPreserved, "YES");
  AddCode(image, DCM_PurposeOfReferenceCodeSequence, concepts::kSourceImageForProcessing);
}

// Dimension index 2: planes in the order of their series and slice, from 1, the same for every
// segment.
using PlaneIndex = std::map<std::pair<std::size_t, std::size_t>, std::uint32_t>;

PlaneIndex PlaneIndices(const std::vector<SegFrame>& frames) {
  PlaneIndex planes;
  for (const SegFrame& frame : frames) planes[{frame.series, frame.slice}] = 0;
  std::uint32_t n = 0;
  for (auto& [plane, index] : planes) index = ++n;
  return planes;
}

void PutFrame(DcmItem& item, const Study& study, const SegFrame& frame, const Layout& layout,
              std::uint32_t plane) {
  const SeriesInfo& info = study.series[frame.series];
  const Vec3 at = info.geometry.patient_from_voxel({0, 0, static_cast<double>(frame.slice)});
  DcmItem& group = AddItem(item, DCM_PerFrameFunctionalGroupsSequence);
  PutDerivation(group, info.frames[frame.slice]);
  PutUl(AddItem(group, DCM_FrameContentSequence), DCM_DimensionIndexValues,
        {static_cast<std::uint32_t>(frame.segment), plane});
  PutDecimals(AddItem(group, DCM_PlanePositionSequence), DCM_ImagePositionPatient,
              {at.x, at.y, at.z});
  PutUs(AddItem(group, DCM_SegmentIdentificationSequence), DCM_ReferencedSegmentNumber,
        {static_cast<std::uint16_t>(frame.segment)});
  if (!layout.one_orientation) PutOrientation(group, info.geometry);
  if (!layout.one_spacing) PutMeasures(group, info);
}

void PutDimensions(DcmItem& item, const ReportOptions& options) {
  const std::string uid = DeriveUid(options.fingerprint, "seg dimensions");
  Put(AddItem(item, DCM_DimensionOrganizationSequence), DCM_DimensionOrganizationUID, uid);
  const std::array<std::array<DcmTagKey, 2>, 2> indices = {
      {{DCM_ReferencedSegmentNumber, DCM_SegmentIdentificationSequence},
       {DCM_ImagePositionPatient, DCM_PlanePositionSequence}}};
  for (const auto& [pointer, group] : indices) {
    DcmItem& index = AddItem(item, DCM_DimensionIndexSequence);
    Put(index, DCM_DimensionOrganizationUID, uid);
    Check(index.putAndInsertTagKey(DCM_DimensionIndexPointer, pointer).good(), "dimension pointer");
    Check(index.putAndInsertTagKey(DCM_FunctionalGroupPointer, group).good(), "dimension group");
  }
}

// Bits in row order, the first pixel in the lowest bit; frames follow one another without padding
// (PS3.5 8.1.1).
std::string PackBits(const Study& study, const std::vector<SegFrame>& frames,
                     const Layout& layout) {
  const std::size_t pixels =
      static_cast<std::size_t>(layout.rows) * static_cast<std::size_t>(layout.columns);
  std::string bits((pixels * frames.size() + 7) / 8, '\0');
  for (std::size_t f = 0; f < frames.size(); ++f) {
    const VolumeGeometry& g = study.series[frames[f].series].geometry;
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        if (!frames[f].mask[static_cast<std::size_t>(j * g.columns + i)]) continue;
        const std::size_t at = f * pixels + static_cast<std::size_t>(j * layout.columns + i);
        bits[at / 8] = static_cast<char>(static_cast<unsigned char>(bits[at / 8]) | (1U << at % 8));
      }
    }
  }
  return bits;
}

void PutPixels(DcmItem& item, const Study& study, const std::vector<SegFrame>& frames,
               const Layout& layout) {
  Put(item, DCM_ImageType, "DERIVED\\PRIMARY");
  Put(item, DCM_NumberOfFrames, std::to_string(frames.size()));
  PutUs(item, DCM_Rows, {static_cast<std::uint16_t>(layout.rows)});
  PutUs(item, DCM_Columns, {static_cast<std::uint16_t>(layout.columns)});
  PutUs(item, DCM_SamplesPerPixel, {1});
  Put(item, DCM_PhotometricInterpretation, "MONOCHROME2");
  PutUs(item, DCM_BitsAllocated, {1});
  PutUs(item, DCM_BitsStored, {1});
  PutUs(item, DCM_HighBit, {0});
  PutUs(item, DCM_PixelRepresentation, {0});
  Put(item, DCM_LossyImageCompression, "00");
  Put(item, DCM_SegmentationType, "BINARY");
  Put(item, DCM_SegmentsOverlap, "NO");
  PutBytes(item, DCM_PixelData, EVR_OB, PackBits(study, frames, layout));
}

void PutReferences(DcmItem& item, const Study& study, const std::vector<SegFrame>& frames) {
  std::set<SourceInstance> instances;
  for (const SegFrame& frame : frames) {
    const SeriesInfo& info = study.series[frame.series];
    const FrameSource& source = info.frames[frame.slice];
    instances.insert({info.series_instance_uid, source.sop_class_uid, source.sop_instance_uid});
  }
  PutReferencedSeries(item, {instances.begin(), instances.end()});
}

}  // namespace

Result<Document> WriteSeg(const AnalysedStudy& analysed, const SourceModules& source,
                          const ReportOptions& options) {
  Check(!analysed.findings.lesions.empty(), "WriteSeg: no lesion");
  Result<std::vector<SegFrame>> frames = SegFrames(analysed);
  if (!frames) return std::move(frames).error().During("write the SEG");

  const Study& study = analysed.study;
  const Layout layout = LayoutOf(study, *frames);
  DcmDataset dataset;
  PutCommon(dataset, source, options, kSegSeries, kSegSopClassUid, "seg", 1);
  Put(dataset, DCM_FrameOfReferenceUID,
      study.series[frames->front().series].geometry.frame_of_reference_uid);
  Put(dataset, DCM_PositionReferenceIndicator, source.position_reference_indicator);
  Put(dataset, DCM_ContentLabel, "OSTEON_LESIONS");
  Put(dataset, DCM_ContentDescription, "Bone lesions, UNVERIFIED");
  Put(dataset, DCM_ContentCreatorName, "Osteon");
  PutReferences(dataset, study, *frames);
  PutDimensions(dataset, options);
  PutSegments(dataset, analysed.findings, options);

  DcmItem& shared = AddItem(dataset, DCM_SharedFunctionalGroupsSequence);
  const SeriesInfo& first = study.series[frames->front().series];
  if (layout.one_orientation) PutOrientation(shared, first.geometry);
  if (layout.one_spacing) PutMeasures(shared, first);
  const PlaneIndex planes = PlaneIndices(*frames);
  for (const SegFrame& frame : *frames) {
    PutFrame(dataset, study, frame, layout, planes.at({frame.series, frame.slice}));
  }
  PutPixels(dataset, study, *frames, layout);
  return ToDocument("seg.dcm", dataset);
}

}  // namespace osteon
