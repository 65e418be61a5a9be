// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/mr_writer.h"

// DCMTK's configuration comes before its other headers.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <fmt/core.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "pipelines/base/uid.h"

namespace osteon {
namespace {

// Keeps the first failure, so that the code that fills a header needs no checks.
class Header {
 public:
  explicit Header(DcmItem& item) : item_(item) {}

  void Text(const DcmTagKey& tag, const std::string& value) {
    Keep(item_.putAndInsertString(tag, value.c_str()));
  }
  // Decimal string: at most 16 characters (PS3.5 6.2).
  void Decimal(const DcmTagKey& tag, double value) { Text(tag, Number(value)); }
  void Decimals(const DcmTagKey& tag, const std::vector<double>& values) {
    std::string text;
    for (double value : values) text += (text.empty() ? "" : "\\") + Number(value);
    Text(tag, text);
  }
  void Short(const DcmTagKey& tag, int value) {
    Keep(item_.putAndInsertUint16(tag, static_cast<Uint16>(value)));
  }
  void Double(const DcmTagKey& tag, double value) { Keep(item_.putAndInsertFloat64(tag, value)); }
  void Words(const DcmTagKey& tag, const std::vector<Uint16>& words) {
    Keep(
        item_.putAndInsertUint16Array(tag, words.data(), static_cast<unsigned long>(words.size())));
  }
  const OFCondition& condition() const { return condition_; }

 private:
  static std::string Number(double value) {
    return fmt::format("{:.8g}", value == 0 ? 0.0 : value);
  }
  void Keep(const OFCondition& condition) {
    if (condition_.good()) condition_ = condition;
  }

  DcmItem& item_;
  OFCondition condition_ = EC_Normal;
};

void PutPatientAndStudy(const MrStudyHeader& s, Header& h) {
  h.Text(DCM_SpecificCharacterSet, "ISO_IR 192");
  h.Text(DCM_PatientName, s.patient_name);
  h.Text(DCM_PatientID, s.patient_id);
  h.Text(DCM_PatientBirthDate, s.birth_date);
  h.Text(DCM_PatientSex, s.sex);
  if (s.height_m > 0) h.Decimal(DCM_PatientSize, s.height_m);
  if (s.weight_kg > 0) h.Decimal(DCM_PatientWeight, s.weight_kg);
  h.Text(DCM_StudyInstanceUID, s.study_instance_uid);
  h.Text(DCM_StudyDate, s.study_date);
  h.Text(DCM_StudyTime, s.study_time);
  h.Text(DCM_StudyID, "1");
  h.Text(DCM_StudyDescription, s.study_description);
  h.Text(DCM_AccessionNumber, s.accession_number);
  h.Text(DCM_ReferringPhysicianName, "");
  h.Text(DCM_Manufacturer, s.manufacturer);
  h.Text(DCM_ManufacturerModelName, s.model_name);
  h.Text(DCM_FrameOfReferenceUID, s.frame_of_reference_uid);
  h.Text(DCM_PositionReferenceIndicator, "");
}

void PutSeries(const MrStudyHeader& study, const MrSeriesHeader& s, Header& h) {
  h.Text(DCM_Modality, "MR");
  h.Text(DCM_SeriesInstanceUID, s.series_instance_uid);
  h.Text(DCM_SeriesNumber, std::to_string(s.series_number));
  h.Text(DCM_SeriesDescription, s.description);
  h.Text(DCM_ProtocolName, s.description);
  h.Text(DCM_SeriesDate, study.study_date);
  h.Text(DCM_SeriesTime, study.study_time);
  h.Text(DCM_AcquisitionDate, study.study_date);
  h.Text(DCM_AcquisitionTime, study.study_time);
  h.Text(DCM_ContentDate, study.study_date);
  h.Text(DCM_ContentTime, study.study_time);
  h.Text(DCM_PatientPosition, "HFS");
  h.Text(DCM_BodyPartExamined, "WHOLEBODY");
  h.Text(DCM_ImageType, s.image_type);
  h.Text(DCM_ScanningSequence, s.scanning_sequence);
  h.Text(DCM_SequenceVariant, s.sequence_variant);
  h.Text(DCM_ScanOptions, s.scan_options);
  h.Text(DCM_MRAcquisitionType, "2D");
  h.Decimal(DCM_RepetitionTime, s.repetition_time_ms);
  h.Decimal(DCM_EchoTime, s.echo_time_ms);
  if (s.inversion_time_ms) h.Decimal(DCM_InversionTime, *s.inversion_time_ms);
  if (s.b_value_s_per_mm2) h.Double(DCM_DiffusionBValue, *s.b_value_s_per_mm2);
  h.Text(DCM_EchoTrainLength, std::to_string(s.echo_train_length));
  h.Decimal(DCM_MagneticFieldStrength, study.field_strength_t);
  h.Decimal(DCM_SliceThickness, s.slice_thickness_mm);
  h.Text(DCM_AcquisitionNumber, "1");
  h.Decimal(DCM_WindowCenter, s.window_centre);
  h.Decimal(DCM_WindowWidth, s.window_width);
}

void PutSlice(const Volume<std::uint16_t>& voxels, int k, Header& h) {
  const VolumeGeometry& g = voxels.geometry();
  const Affine& a = g.patient_from_voxel;
  const Vec3 spacing = g.spacing_mm();
  const Vec3 row = Unit(a.step_i), column = Unit(a.step_j);
  const Vec3 corner = a({0, 0, static_cast<double>(k)});
  h.Text(DCM_InstanceNumber, std::to_string(k + 1));
  h.Decimals(DCM_ImagePositionPatient, {corner.x, corner.y, corner.z});
  h.Decimals(DCM_ImageOrientationPatient, {row.x, row.y, row.z, column.x, column.y, column.z});
  h.Decimals(DCM_PixelSpacing, {spacing.y, spacing.x});
  h.Decimal(DCM_SpacingBetweenSlices, spacing.z);
  h.Short(DCM_SamplesPerPixel, 1);
  h.Text(DCM_PhotometricInterpretation, "MONOCHROME2");
  h.Short(DCM_Rows, g.rows);
  h.Short(DCM_Columns, g.columns);
  h.Short(DCM_BitsAllocated, 16);
  h.Short(DCM_BitsStored, 12);
  h.Short(DCM_HighBit, 11);
  h.Short(DCM_PixelRepresentation, 0);
  const auto slice = voxels.Slice(k);
  std::vector<Uint16> words(slice.begin(), slice.end());
  for (Uint16& word : words) word = std::min<Uint16>(word, 4095);
  h.Words(DCM_PixelData, words);
}

}  // namespace

Result<int> WriteMrSeries(const std::filesystem::path& folder, const MrStudyHeader& study,
                          const MrSeriesHeader& series, const Volume<std::uint16_t>& voxels) {
  if (voxels.empty()) return InvalidInput("series " + series.description + ": no voxels to write");
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Unavailable("make " + folder.string() + ": " + failed.message());
  for (int k = 0; k < voxels.geometry().slices; ++k) {
    DcmFileFormat file;
    Header header(*file.getDataset());
    header.Text(DCM_SOPClassUID, UID_MRImageStorage);
    header.Text(DCM_SOPInstanceUID,
                DeriveUid(series.series_instance_uid, fmt::format("slice {}", k + 1)));
    PutPatientAndStudy(study, header);
    PutSeries(study, series, header);
    PutSlice(voxels, k, header);
    const std::filesystem::path path = folder / fmt::format("{:04}.dcm", k + 1);
    OFCondition done = header.condition();
    if (done.good()) done = file.saveFile(path.c_str(), EXS_LittleEndianExplicit);
    if (done.bad()) return Unavailable("write " + path.string() + ": " + done.text());
  }
  return voxels.geometry().slices;
}

}  // namespace osteon
