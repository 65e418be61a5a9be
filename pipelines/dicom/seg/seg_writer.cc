// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/seg/seg_writer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <span>

#include "pipelines/base/uid.h"
#include "pipelines/dicom/objects/result_object.h"
#include "pipelines/dicom/seg/seg_frames.h"

namespace osteon {
namespace {

// CIELab of the colours of Okabe and Ito, which colour-blind readers can distinguish (orange, sky
// blue, green, yellow, blue, vermillion, purple), scaled as PS3.3 C.10.7.1.1 says. Computed from
// sRGB, D50.
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

void PutAnatomy(DcmItem& segment, const Lesion& lesion) {
  const BoneUnit& unit = UnitOf(lesion.unit);
  DcmItem& region =
      AddCode(segment, DCM_AnatomicRegionSequence, {unit.snomed_code, "SCT", unit.snomed_meaning});
  if (SideOf(lesion) == Side::kNone) return;
  AddCode(region, DCM_AnatomicRegionModifierSequence,
          SideOf(lesion) == Side::kLeft ? concepts::kLeft : concepts::kRight);
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
    PutAnatomy(segment, lesion);
    PutUs(segment, DCM_RecommendedDisplayCIELabValue, {lab[0], lab[1], lab[2]});
    Put(segment, DCM_TrackingID, Shortened(lesion.tracking_id, 64));
    Put(segment, DCM_TrackingUID, lesion.tracking_uid);
  }
}

// With more frames viewers get slow, for example Weasis.
constexpr std::size_t kMostFrames = 399;

// Frames lie on the slices of their source, or all on the composed grid.
enum class SegGrid { kSource, kComposed };

struct SegPlanes {
  const AnalysedStudy& analysed;
  SegGrid grid = SegGrid::kSource;
  std::vector<SegFrame> frames;

  const SeriesInfo& Series(const SegFrame& f) const { return analysed.study.series[f.series]; }
  const VolumeGeometry& Geometry(const SegFrame& f) const {
    return grid == SegGrid::kSource ? Series(f).geometry : analysed.composed.stir.geometry();
  }
  double SliceThickness(const SegFrame& f) const {
    const double thickness = grid == SegGrid::kSource ? Series(f).slice_thickness_mm : 0;
    return thickness > 0 ? thickness : Geometry(f).spacing_mm().z;
  }
  // The source images of the frame; on the composed grid, for each series that it shows, the image
  // nearest to the centre of the slice.
  std::vector<const FrameSource*> Images(const SegFrame& f) const {
    if (grid == SegGrid::kSource) return {&Series(f).frames[f.slice]};
    std::vector<const FrameSource*> images;
    for (std::size_t series : f.all_series) images.push_back(&NearestImage(f, series));
    return images;
  }
  const FrameSource& NearestImage(const SegFrame& f, std::size_t series) const {
    const std::vector<FrameSource>& images = analysed.study.series[series].frames;
    const VolumeGeometry& g = Geometry(f);
    const Vec3 middle =
        g.patient_from_voxel({g.columns / 2.0, g.rows / 2.0, static_cast<double>(f.slice)});
    const double at = Inverse(analysed.study.series[series].geometry.patient_from_voxel)(middle).z;
    std::size_t nearest = images.size();
    for (std::size_t n = 0; n < images.size(); ++n) {
      if (images[n].missing()) continue;
      if (nearest == images.size() ||
          std::abs(at - static_cast<double>(n)) < std::abs(at - static_cast<double>(nearest))) {
        nearest = n;
      }
    }
    Check(nearest < images.size(), "a source series without images");
    return images[nearest];
  }
};

// Whether the frames come from several stations. Their slices are not on one grid, which readers
// that make a volume of the frames need (highdicom get_volume), and a lesion across a border would
// be cut in two.
bool OfSeveralSeries(const std::vector<SegFrame>& frames) {
  return std::ranges::any_of(frames,
                             [&](const SegFrame& f) { return f.series != frames.front().series; });
}

Result<SegPlanes> PlanesOf(const AnalysedStudy& analysed) {
  Result<std::vector<SegFrame>> frames = SegFrames(analysed);
  if (!frames) return std::move(frames).error().During("write the SEG");
  // Without a frame of reference only the source image says where a frame is.
  const bool must = FrameOfReferenceOf(analysed.composed.stir.geometry()).empty();
  if (must || (frames->size() <= kMostFrames && !OfSeveralSeries(*frames))) {
    return SegPlanes{analysed, SegGrid::kSource, *std::move(frames)};
  }
  return SegPlanes{analysed, SegGrid::kComposed, ComposedSegFrames(analysed)};
}

// What all frames have in common goes into the shared functional groups, the rest into each frame.
struct Layout {
  int rows = 0, columns = 0;
  bool one_orientation = true, one_spacing = true;
};

Layout LayoutOf(const SegPlanes& planes) {
  Layout layout;
  const SegFrame& first_frame = planes.frames.front();
  const VolumeGeometry& first = planes.Geometry(first_frame);
  for (const SegFrame& frame : planes.frames) {
    const VolumeGeometry& g = planes.Geometry(frame);
    const Affine &a = g.patient_from_voxel, &b = first.patient_from_voxel;
    layout.rows = std::max(layout.rows, g.rows);
    layout.columns = std::max(layout.columns, g.columns);
    const bool parallel = Norm(Unit(a.step_i) - Unit(b.step_i)) < 1e-6 &&
                          Norm(Unit(a.step_j) - Unit(b.step_j)) < 1e-6;
    layout.one_orientation &= parallel;
    layout.one_spacing &= Norm(g.spacing_mm() - first.spacing_mm()) < 1e-6 &&
                          planes.SliceThickness(frame) == planes.SliceThickness(first_frame);
  }
  return layout;
}

void PutMeasures(DcmItem& group, const SegPlanes& planes, const SegFrame& frame) {
  const Vec3 spacing = planes.Geometry(frame).spacing_mm();
  DcmItem& measures = AddItem(group, DCM_PixelMeasuresSequence);
  PutDecimals(measures, DCM_PixelSpacing, {spacing.y, spacing.x});
  PutDecimals(measures, DCM_SliceThickness, {planes.SliceThickness(frame)});
  PutDecimals(measures, DCM_SpacingBetweenSlices, {spacing.z});
}

void PutOrientation(DcmItem& group, const VolumeGeometry& g) {
  const Vec3 row = Unit(g.patient_from_voxel.step_i), column = Unit(g.patient_from_voxel.step_j);
  PutDecimals(AddItem(group, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient,
              {row.x, row.y, row.z, column.x, column.y, column.z});
}

void PutDerivation(DcmItem& group, const SegPlanes& planes, const SegFrame& frame) {
  DcmItem& derivation = AddItem(group, DCM_DerivationImageSequence);
  AddCode(derivation, DCM_DerivationCodeSequence, concepts::kSegmentation);
  for (const FrameSource* source : planes.Images(frame)) {
    DcmItem& image = AddItem(derivation, DCM_SourceImageSequence);
    Put(image, DCM_ReferencedSOPClassUID, source->sop_class_uid);
    Put(image, DCM_ReferencedSOPInstanceUID, source->sop_instance_uid);
    if (IsMultiFrame(*source)) {
      Put(image, DCM_ReferencedFrameNumber, std::to_string(source->frame_number));
    }
    Put(image, DCM_SpatialLocationsPreserved, planes.grid == SegGrid::kSource ? "YES" : "NO");
    AddCode(image, DCM_PurposeOfReferenceCodeSequence, concepts::kSourceImageForProcessing);
  }
}

// Dimension index 2: planes in the order of their series and slice, from 1, the same for every
// segment.
using PlaneIndex = std::map<std::pair<std::size_t, std::size_t>, std::uint32_t>;

std::pair<std::size_t, std::size_t> PlaneKey(const SegPlanes& planes, const SegFrame& frame) {
  return {planes.grid == SegGrid::kSource ? frame.series : 0, frame.slice};
}

PlaneIndex PlaneIndices(const SegPlanes& planes) {
  PlaneIndex indices;
  for (const SegFrame& frame : planes.frames) indices[PlaneKey(planes, frame)] = 0;
  std::uint32_t n = 0;
  for (auto& [plane, index] : indices) index = ++n;
  return indices;
}

void PutFrame(DcmItem& item, const SegPlanes& planes, const SegFrame& frame, const Layout& layout,
              std::uint32_t plane) {
  const VolumeGeometry& geometry = planes.Geometry(frame);
  const Vec3 at = geometry.patient_from_voxel({0, 0, static_cast<double>(frame.slice)});
  DcmItem& group = AddItem(item, DCM_PerFrameFunctionalGroupsSequence);
  PutDerivation(group, planes, frame);
  PutUl(AddItem(group, DCM_FrameContentSequence), DCM_DimensionIndexValues,
        {static_cast<std::uint32_t>(frame.segment), plane});
  PutDecimals(AddItem(group, DCM_PlanePositionSequence), DCM_ImagePositionPatient,
              {at.x, at.y, at.z});
  PutUs(AddItem(group, DCM_SegmentIdentificationSequence), DCM_ReferencedSegmentNumber,
        {static_cast<std::uint16_t>(frame.segment)});
  if (!layout.one_orientation) PutOrientation(group, geometry);
  if (!layout.one_spacing) PutMeasures(group, planes, frame);
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
std::string PackBits(const SegPlanes& planes, const Layout& layout) {
  const std::size_t pixels =
      static_cast<std::size_t>(layout.rows) * static_cast<std::size_t>(layout.columns);
  std::string bits((pixels * planes.frames.size() + 7) / 8, '\0');
  for (std::size_t f = 0; f < planes.frames.size(); ++f) {
    const std::span<const std::uint8_t> mask = planes.frames[f].mask;
    const auto columns = static_cast<std::size_t>(planes.Geometry(planes.frames[f]).columns);
    for (std::size_t n = 0; n < mask.size(); ++n) {
      const void* set = std::memchr(mask.data() + n, 1, mask.size() - n);  // Few pixels are.
      if (set == nullptr) break;
      n = static_cast<std::size_t>(static_cast<const std::uint8_t*>(set) - mask.data());
      const std::size_t at =
          f * pixels + n / columns * static_cast<std::size_t>(layout.columns) + n % columns;
      bits[at / 8] = static_cast<char>(static_cast<unsigned char>(bits[at / 8]) | (1U << at % 8));
    }
  }
  return bits;
}

void PutPixelFormat(DcmItem& item, const SegPlanes& planes, const Layout& layout) {
  Put(item, DCM_ImageType, "DERIVED\\PRIMARY");
  Put(item, DCM_NumberOfFrames, std::to_string(planes.frames.size()));
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
}

void PutReferences(DcmItem& item, const SegPlanes& planes) {
  std::set<SourceInstance> instances;
  for (const SegFrame& frame : planes.frames) {
    for (const FrameSource* source : planes.Images(frame)) {
      instances.insert(
          {source->series_instance_uid, source->sop_class_uid, source->sop_instance_uid});
    }
  }
  PutReferencedSeries(item, {instances.begin(), instances.end()});
}

// Left out when the images have none: each frame references its image.
void PutFrameOfReference(DcmItem& item, const VolumeGeometry& geometry,
                         const SourceModules& source) {
  const std::string uid = FrameOfReferenceOf(geometry);
  if (uid.empty()) return;
  Put(item, DCM_FrameOfReferenceUID, uid);
  Put(item, DCM_PositionReferenceIndicator, source.position_reference_indicator);
}

}  // namespace

Result<Document> WriteSeg(const AnalysedStudy& analysed, const SourceModules& source,
                          const ReportOptions& options) {
  Check(!analysed.findings.lesions.empty(), "WriteSeg: no lesion");
  const Result<SegPlanes> made = PlanesOf(analysed);
  if (!made) return made.error();
  const SegPlanes& planes = *made;

  const SegFrame& first = planes.frames.front();
  const Layout layout = LayoutOf(planes);
  DcmDataset dataset;
  PutCommon(dataset, source, options, kSegSeries, kSegSopClassUid, "seg", 1);
  PutFrameOfReference(dataset, analysed.composed.stir.geometry(), source);
  Put(dataset, DCM_ContentLabel, "OSTEON_LESIONS");
  Put(dataset, DCM_ContentDescription, "Bone lesions, UNVERIFIED");
  Put(dataset, DCM_ContentCreatorName, "Osteon^");
  PutReferences(dataset, planes);
  PutDimensions(dataset, options);
  PutSegments(dataset, analysed.findings, options);

  DcmItem& shared = AddItem(dataset, DCM_SharedFunctionalGroupsSequence);
  if (layout.one_orientation) PutOrientation(shared, planes.Geometry(first));
  if (layout.one_spacing) PutMeasures(shared, planes, first);
  const PlaneIndex indices = PlaneIndices(planes);
  for (const SegFrame& frame : planes.frames) {
    PutFrame(dataset, planes, frame, layout, indices.at(PlaneKey(planes, frame)));
  }
  PutPixelFormat(dataset, planes, layout);
  return ToDocument("seg.dcm", dataset, PackBits(planes, layout));
}

}  // namespace osteon
