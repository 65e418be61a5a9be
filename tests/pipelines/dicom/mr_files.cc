// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/pipelines/dicom/mr_files.h"

#include <fmt/core.h>
#include <stdlib.h>

#include "pipelines/base/result.h"
#include "pipelines/dicom/dataset/dcmtk_setup.h"

namespace osteon::testing {
namespace {

void Put(DcmItem& item, const DcmTagKey& tag, const std::string& value) {
  Check(item.putAndInsertString(tag, value.c_str()).good(), "a test attribute is written");
}

std::string Vector(const Vec3& v) { return fmt::format("{:.6g}\\{:.6g}\\{:.6g}", v.x, v.y, v.z); }

Vec3 PositionOf(const SeriesSpec& spec, int k) {
  return spec.origin_mm + (k * spec.spacing_mm) * Cross(spec.row_direction, spec.column_direction);
}

std::string SpacingText(const SeriesSpec& spec) {
  return fmt::format("{0:f}\\{0:f}", spec.in_plane_mm);
}

void FillCommon(DcmDataset& d, const SeriesSpec& spec) {
  Put(d, DCM_StudyInstanceUID, spec.study_uid);
  Put(d, DCM_SeriesInstanceUID, spec.series_uid);
  Put(d, DCM_FrameOfReferenceUID, spec.frame_of_reference_uid);
  Put(d, DCM_SeriesDescription, spec.description);
  Put(d, DCM_SeriesNumber, std::to_string(spec.series_number));
  Put(d, DCM_Modality, "MR");
  Put(d, DCM_Manufacturer, "TEST");
  Put(d, DCM_PatientID, "P1");
  Put(d, DCM_PatientName, "TEST^PERSON");
  Put(d, DCM_PatientBirthDate, "20140210");
  Put(d, DCM_StudyDate, "20260301");
  Put(d, DCM_PatientSize, "1.42");
  Put(d, DCM_ImageType, "ORIGINAL\\PRIMARY\\M\\ND");
  d.putAndInsertUint16(DCM_Rows, static_cast<Uint16>(spec.rows));
  d.putAndInsertUint16(DCM_Columns, static_cast<Uint16>(spec.columns));
  d.putAndInsertUint16(DCM_SamplesPerPixel, 1);
  d.putAndInsertUint16(DCM_BitsAllocated, 16);
  d.putAndInsertUint16(DCM_BitsStored, 12);
  d.putAndInsertUint16(DCM_HighBit, 11);
  d.putAndInsertUint16(DCM_PixelRepresentation, 0);
  Put(d, DCM_PhotometricInterpretation, "MONOCHROME2");
}

void AppendPixels(const SeriesSpec& spec, int k, std::vector<Uint16>& pixels) {
  for (int j = 0; j < spec.rows; ++j) {
    for (int i = 0; i < spec.columns; ++i) pixels.push_back(StoredValue(i, j, k));
  }
}

DcmItem& Group(DcmItem& item, const DcmTagKey& sequence, long number = 0) {
  DcmItem* made = nullptr;
  Check(item.findOrCreateSequenceItem(sequence, made, number).good(), "a test group is made");
  return *made;
}

void Save(DcmFileFormat& file, const std::filesystem::path& path, E_TransferSyntax syntax) {
  std::filesystem::create_directories(path.parent_path());
  Check(file.getDataset()->chooseRepresentation(syntax, nullptr).good(), "a test syntax");
  Check(file.saveFile(path.c_str(), syntax).good(), "a test file is saved");
}

}  // namespace

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "osteon-test-XXXXXX").string();
  Check(mkdtemp(name.data()) != nullptr, "a temporary folder");
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Uint16 StoredValue(int i, int j, int k) {
  return static_cast<Uint16>((i + 13 * j + 131 * k) % 4096);
}

std::string SopUid(const SeriesSpec& spec, int k) {
  return fmt::format("{}.5.{}", spec.series_uid, k + 1);
}

void FillSlice(DcmDataset& d, const SeriesSpec& spec, int k) {
  FillCommon(d, spec);
  Put(d, DCM_SOPClassUID, UID_MRImageStorage);
  Put(d, DCM_SOPInstanceUID, SopUid(spec, k));
  Put(d, DCM_InstanceNumber, std::to_string(k + 1));
  Put(d, DCM_ScanningSequence, "SE\\IR");
  Put(d, DCM_RepetitionTime, "4500");
  Put(d, DCM_EchoTime, "70");
  Put(d, DCM_InversionTime, "165");
  Put(d, DCM_SliceThickness, std::to_string(spec.spacing_mm * 0.8));
  Put(d, DCM_PixelSpacing, SpacingText(spec));
  Put(d, DCM_ImagePositionPatient, Vector(PositionOf(spec, k)));
  Put(d, DCM_ImageOrientationPatient,
      Vector(spec.row_direction) + "\\" + Vector(spec.column_direction));
  std::vector<Uint16> pixels;
  AppendPixels(spec, k, pixels);
  d.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size());
}

std::filesystem::path SlicePath(const std::filesystem::path& folder, const SeriesSpec& spec,
                                int k) {
  return folder / fmt::format("s{}/{:04}.dcm", spec.series_number, k + 1);
}

void WriteSeries(const std::filesystem::path& folder, const SeriesSpec& spec, const Change& change,
                 E_TransferSyntax syntax) {
  PrepareDcmtk();
  for (int k = 0; k < spec.slices; ++k) {
    DcmFileFormat file;
    FillSlice(*file.getDataset(), spec, k);
    if (change && !change(*file.getDataset(), k)) continue;
    Save(file, SlicePath(folder, spec, k), syntax);
  }
}

void WriteEnhanced(const std::filesystem::path& path, const SeriesSpec& spec,
                   const std::function<void(DcmDataset&)>& change) {
  PrepareDcmtk();
  DcmFileFormat file;
  DcmDataset& d = *file.getDataset();
  FillCommon(d, spec);
  Put(d, DCM_SOPClassUID, UID_EnhancedMRImageStorage);
  Put(d, DCM_SOPInstanceUID, SopUid(spec, 0));
  Put(d, DCM_InstanceNumber, "1");
  Put(d, DCM_NumberOfFrames, std::to_string(spec.slices));
  Put(d, DCM_EchoPulseSequence, "SPIN");
  DcmItem& shared = Group(d, DCM_SharedFunctionalGroupsSequence);
  DcmItem& measures = Group(shared, DCM_PixelMeasuresSequence);
  Put(measures, DCM_PixelSpacing, SpacingText(spec));
  Put(measures, DCM_SliceThickness, std::to_string(spec.spacing_mm));
  Put(Group(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient,
      Vector(spec.row_direction) + "\\" + Vector(spec.column_direction));
  Put(Group(shared, DCM_MRTimingAndRelatedParametersSequence), DCM_RepetitionTime, "4500");
  DcmItem& modifier = Group(shared, DCM_MRModifierSequence);
  Put(modifier, DCM_InversionRecovery, "YES");
  modifier.putAndInsertFloat64(DCM_InversionTimes, 165);
  std::vector<Uint16> pixels;
  for (int k = 0; k < spec.slices; ++k) {
    DcmItem& frame = Group(d, DCM_PerFrameFunctionalGroupsSequence, k);
    Put(Group(frame, DCM_PlanePositionSequence), DCM_ImagePositionPatient,
        Vector(PositionOf(spec, k)));
    Group(frame, DCM_MREchoSequence).putAndInsertFloat64(DCM_EffectiveEchoTime, 70);
    Put(Group(frame, DCM_FrameContentSequence), DCM_StackID, "1");
    AppendPixels(spec, k, pixels);
  }
  d.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size());
  if (change) change(d);
  Save(file, path, EXS_LittleEndianExplicit);
}

}  // namespace osteon::testing
