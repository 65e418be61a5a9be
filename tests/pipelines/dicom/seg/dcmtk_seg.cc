// SPDX-License-Identifier: GPL-3.0-or-later
// A Segmentation by DCMTK's own writer, which shares no code with the reader under test but the
// element layer.
#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmfg/fgfracon.h>
#include <dcmtk/dcmfg/fgpixmsr.h>
#include <dcmtk/dcmfg/fgplanor.h>
#include <dcmtk/dcmfg/fgplanpo.h>
#include <dcmtk/dcmiod/modgeneralseries.h>
#include <dcmtk/dcmseg/segdoc.h>
#include <dcmtk/dcmseg/segment.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <memory>

namespace osteon {

// Axial, 4 columns x 4 rows of 0.9 mm, two frames 2 mm apart, one segment in the right femur.
// Frames fill whole bytes: DCMTK 3.6.7 drops bits when it packs frames that do not.
void WriteSegWithDcmtk(const std::filesystem::path& path) {
  const IODGeneralEquipmentModule::EquipmentInfo equipment("Maker", "1", "Model", "1");
  const ContentIdentificationMacro content("1", "LABEL", "DESCRIPTION", "CREATOR");
  DcmSegmentation* made = nullptr;
  ASSERT_TRUE(DcmSegmentation::createBinarySegmentation(made, 4, 4, equipment, content).good());
  const std::unique_ptr<DcmSegmentation> seg(made);
  DcmSegment* segment = nullptr;
  ASSERT_TRUE(DcmSegment::create(segment, "Femur", CodeSequenceMacro("49755003", "SCT", "Abnormal"),
                                 CodeSequenceMacro("52988006", "SCT", "Lesion"),
                                 DcmSegTypes::SAT_MANUAL, "")
                  .good());
  GeneralAnatomyMacro& anatomy = segment->getGeneralAnatomyCode();
  anatomy.getAnatomicRegion().set("71341001", "SCT", "Femur");
  auto modifier = std::make_unique<CodeSequenceMacro>("24028007", "SCT", "Right");
  anatomy.getAnatomicRegionModifier().push_back(modifier.release());
  Uint16 number = 0;
  ASSERT_TRUE(seg->addSegment(segment, number).good());
  FGPixelMeasures measures;
  measures.setPixelSpacing("0.9\\0.9");
  measures.setSliceThickness("2");
  FGPlaneOrientationPatient orientation;
  orientation.setImageOrientationPatient("1", "0", "0", "0", "1", "0");
  ASSERT_TRUE(seg->addForAllFrames(measures).good() && seg->addForAllFrames(orientation).good());
  std::array<std::array<Uint8, 16>, 2> masks{};
  masks[0][1] = masks[0][2] = 1;
  masks[1][8] = masks[1][9] = masks[1][10] = 1;
  for (unsigned n = 0; n < 2; ++n) {
    FGPlanePosPatient position;
    position.setImagePositionPatient("0", n == 0 ? "0" : "0.9", n == 0 ? "5" : "7");
    FGFrameContent frame;
    frame.setStackID("1");
    frame.setInStackPositionNumber(n + 1);
    frame.setDimensionIndexValues(number, 0);
    frame.setDimensionIndexValues(n + 1, 1);
    OFVector<FGBase*> groups;
    groups.push_back(&position);
    groups.push_back(&frame);
    ASSERT_TRUE(seg->addFrame(masks[n].data(), number, groups).good());
  }
  IODMultiframeDimensionModule& dimensions = seg->getDimensions();
  dimensions.addDimensionIndex(DCM_ReferencedSegmentNumber, "1.2.3.4.7",
                               DCM_SegmentIdentificationSequence, "Segment");
  dimensions.addDimensionIndex(DCM_ImagePositionPatient, "1.2.3.4.7", DCM_PlanePositionSequence,
                               "Position");
  seg->getStudy().setStudyInstanceUID("1.2.3.4");
  seg->getSeries().setSeriesInstanceUID("1.2.3.4.5");
  seg->getSeries().setSeriesNumber("1");
  seg->getPatient().setPatientID("X");
  seg->getFrameOfReference().setFrameOfReferenceUID("1.2.3.4.6");
  const OFCondition saved = seg->saveFile(path.c_str());
  ASSERT_TRUE(saved.good()) << saved.text();
}

}  // namespace osteon
