// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/frame_header.h"

#include <array>
#include <cmath>
#include <fstream>

#include "pipelines/base/version.h"
#include "pipelines/dicom/attributes.h"
#include "pipelines/dicom/dicom_file.h"
#include "pipelines/dicom/frame_physics.h"
#include "pipelines/dicom/patient_facts.h"

namespace osteon {
namespace {

using std::filesystem::path;

enum class FileStart { kEmpty, kDicom, kElse };

// "DICM" after the preamble, or, in files without one, a first element of group 0002 or 0008 in
// little endian.
FileStart StartOf(std::istream& file) {
  std::array<char, 132> start{};
  file.read(start.data(), start.size());
  const auto length = file.gcount();
  if (length == 0) return FileStart::kEmpty;
  if (length == 132 && std::string_view(&start[128], 4) == "DICM") return FileStart::kDicom;
  const bool first_group = (start[0] == 0x08 || start[0] == 0x02) && start[1] == 0;
  return length > 8 && first_group && start[3] == 0 ? FileStart::kDicom : FileStart::kElse;
}

bool IsMr(const std::string& sop_class) {
  return sop_class == UID_MRImageStorage || sop_class == UID_EnhancedMRImageStorage ||
         sop_class == UID_LegacyConvertedEnhancedMRImageStorage;
}

std::string ObjectName(DcmItem& dataset, const std::string& sop_class) {
  const char* known = dcmFindNameOfUID(sop_class.c_str());
  const std::string modality = ReadText(dataset, DCM_Modality).value_or("no modality");
  return (known != nullptr ? std::string(known) : "object of class " + sop_class) + " (" +
         modality + ")";
}

std::string WhyNotRead(DcmItem& dataset, const std::string& sop_class) {
  if (ReadText(dataset, DCM_Manufacturer) == std::string(kManufacturer)) {
    return "a result of Osteon itself: " + ObjectName(dataset, sop_class);
  }
  return "not an MR image: " + ObjectName(dataset, sop_class);
}

// What makes the frame unusable, naming the field; empty when nothing does.
std::string FillGeometry(const FrameAttributes& attributes, FrameHeader& frame) {
  const auto position = attributes.Numbers(DCM_PlanePositionSequence, DCM_ImagePositionPatient);
  const auto cosines =
      attributes.Numbers(DCM_PlaneOrientationSequence, DCM_ImageOrientationPatient);
  const auto spacing = attributes.Numbers(DCM_PixelMeasuresSequence, DCM_PixelSpacing);
  const auto all_finite = [](const std::vector<double>& values) {
    for (const double v : values) {
      if (!std::isfinite(v)) return false;
    }
    return true;
  };
  if (position.size() != 3 || !all_finite(position)) {
    return "Image Position (Patient) (0020,0032) is missing or not three numbers";
  }
  if (cosines.size() != 6 || !all_finite(cosines)) {
    return "Image Orientation (Patient) (0020,0037) is missing or not six numbers";
  }
  // 0.05 to 50 mm holds every body MRI there is.
  if (spacing.size() != 2 || !(spacing[0] >= 0.05 && spacing[0] <= 50) ||
      !(spacing[1] >= 0.05 && spacing[1] <= 50)) {
    return "Pixel Spacing (0028,0030) is missing or not two lengths between 0.05 and 50 mm";
  }
  const Vec3 row{cosines[0], cosines[1], cosines[2]};
  const Vec3 column{cosines[3], cosines[4], cosines[5]};
  if (std::abs(Norm(row) - 1) > 0.01 || std::abs(Norm(column) - 1) > 0.01 ||
      std::abs(Dot(row, column)) > 0.01) {
    return "Image Orientation (Patient) (0020,0037) is not two perpendicular unit vectors";
  }
  frame.position_mm = {position[0], position[1], position[2]};
  frame.row_direction = Unit(row);
  frame.column_direction = Unit(column);
  frame.row_spacing_mm = spacing[0];
  frame.column_spacing_mm = spacing[1];
  const auto length = [&](const DcmTagKey& tag) {
    const double mm = attributes.Number(DCM_PixelMeasuresSequence, tag).value_or(0);
    return std::isfinite(mm) && mm > 0 ? mm : 0.0;
  };
  frame.slice_thickness_mm = length(DCM_SliceThickness);
  frame.spacing_between_slices_mm = length(DCM_SpacingBetweenSlices);
  return {};
}

// What every frame of the file has in common.
FrameHeader CommonHeader(DcmItem& dataset, const FileHeader& file, const path& file_path) {
  FrameHeader common;
  common.file_name = file.file_name;
  common.source.path = file_path;
  common.source.sop_class_uid = ReadText(dataset, DCM_SOPClassUID).value_or("");
  common.source.sop_instance_uid = file.sop_instance_uid;
  common.series_instance_uid = file.series_instance_uid;
  common.frame_of_reference_uid = ReadText(dataset, DCM_FrameOfReferenceUID).value_or("");
  common.description = file.description;
  common.patient_position = ReadText(dataset, DCM_PatientPosition).value_or("");
  common.series_number = ReadInt(dataset, DCM_SeriesNumber).value_or(0);
  common.instance_number = ReadInt(dataset, DCM_InstanceNumber).value_or(0);
  common.acquisition_number = ReadInt(dataset, DCM_AcquisitionNumber).value_or(0);
  common.rows = ReadInt(dataset, DCM_Rows).value_or(0);
  common.columns = ReadInt(dataset, DCM_Columns).value_or(0);
  return common;
}

std::string SizeProblem(DcmItem& dataset, const FrameHeader& common, const HeaderLimits& limits) {
  for (const auto& [name, value] :
       {std::pair{"Rows (0028,0010)", common.rows}, {"Columns (0028,0011)", common.columns}}) {
    if (value < 1 || value > limits.max_rows_or_columns) {
      return std::string(name) + " is " + std::to_string(value) + ", not between 1 and " +
             std::to_string(limits.max_rows_or_columns);
    }
  }
  const int frames = ReadInt(dataset, DCM_NumberOfFrames).value_or(1);
  if (frames < 1 || frames > limits.max_frames) {
    return "Number of Frames (0028,0008) is " + std::to_string(frames) + ", not between 1 and " +
           std::to_string(limits.max_frames);
  }
  return {};
}

// Fills file.frames; what is wrong, or empty.
std::string ReadFrames(DcmItem& dataset, const path& file_path, const HeaderLimits& limits,
                       FileHeader& file) {
  const FrameHeader common = CommonHeader(dataset, file, file_path);
  if (std::string problem = SizeProblem(dataset, common, limits); !problem.empty()) return problem;
  const auto frames = static_cast<unsigned long>(ReadInt(dataset, DCM_NumberOfFrames).value_or(1));
  if (frames > 1 && !dataset.tagExists(DCM_PerFrameFunctionalGroupsSequence)) {
    return "Number of Frames (0028,0008) is " + std::to_string(frames) +
           " but Per-frame Functional Groups Sequence (5200,9230), which says where each frame "
           "lies, is missing";
  }
  for (unsigned long n = 0; n < frames; ++n) {
    const FrameAttributes attributes(dataset, n);
    if (attributes.frame_is_missing()) {
      return "Number of Frames (0028,0008) is " + std::to_string(frames) +
             " but Per-frame Functional Groups Sequence (5200,9230) ends at " + std::to_string(n);
    }
    FrameHeader frame = common;
    frame.source.frame_number = static_cast<int>(n) + 1;
    if (std::string problem = FillGeometry(attributes, frame); !problem.empty()) return problem;
    frame.physics = ReadPhysics(attributes);
    frame.stack_id = attributes.Text(DCM_FrameContentSequence, DCM_StackID).value_or(std::string());
    frame.temporal_position = static_cast<int>(
        attributes.Number(DCM_FrameContentSequence, DCM_TemporalPositionIndex).value_or(0));
    file.frames.push_back(std::move(frame));
  }
  return {};
}

bool IsMosaic(DcmItem& dataset) {
  return ReadText(dataset, DCM_ImageType).value_or("").find("MOSAIC") != std::string::npos;
}

FileHeader Interpret(DcmItem& dataset, const path& file_path, FileHeader file,
                     const HeaderLimits& limits) {
  const std::string sop_class = ReadText(dataset, DCM_SOPClassUID).value_or("");
  const std::string character_set = ReadText(dataset, DCM_SpecificCharacterSet).value_or("");
  file.study_instance_uid = ReadText(dataset, DCM_StudyInstanceUID).value_or("");
  file.series_instance_uid = ReadText(dataset, DCM_SeriesInstanceUID).value_or("");
  file.sop_instance_uid = ReadText(dataset, DCM_SOPInstanceUID).value_or("");
  file.description = ReadPrintable(dataset, DCM_SeriesDescription, character_set).value_or("");
  file.patient = ReadPatientFacts(dataset);
  file.kind = FileHeader::Kind::kOther;
  if (!IsMr(sop_class)) {
    file.problem = WhyNotRead(dataset, sop_class);
  } else if (file.study_instance_uid.empty() || file.series_instance_uid.empty() ||
             file.sop_instance_uid.empty()) {
    file.kind = FileHeader::Kind::kDamaged;
    file.problem = "Study, Series or SOP Instance UID is missing; send the file again";
  } else if (IsMosaic(dataset)) {
    file.problem = "Siemens mosaic: many slices tiled in one image, which are not read";
  } else if (std::string problem = ReadFrames(dataset, file_path, limits, file); !problem.empty()) {
    file.kind = FileHeader::Kind::kDamaged;
    file.frames.clear();
    file.problem = problem + "; export the series again from the scanner or its archive";
  } else {
    file.kind = FileHeader::Kind::kMrImage;
  }
  return file;
}

}  // namespace

Result<FileHeader> ReadFileHeader(const path& file_path, const std::string& file_name,
                                  const HeaderLimits& limits) {
  FileHeader header;
  header.file_name = file_name;
  std::ifstream stream(file_path, std::ios::binary);
  if (!stream) return Unavailable(file_name + ": cannot be opened");
  const FileStart start = StartOf(stream);
  if (start == FileStart::kElse) {
    header.problem = "not a DICOM file";
    return header;
  }
  if (start == FileStart::kEmpty) {
    header.problem = "an empty file (0 bytes); if it was an image, send it again";
    return header;
  }
  DcmFileFormat file;
  const OFCondition loaded = LoadDicomFile(file, file_path, DCM_MaxReadLength, DCM_PixelData);
  DcmDataset& dataset = *file.getDataset();
  if (loaded.bad()) {
    return InvalidInput(file_name + ": the DICOM header cannot be read to its end (" +
                        loaded.text() + "): truncated or damaged, send the file again");
  }
  if (!dataset.tagExistsWithValue(DCM_SOPClassUID)) {
    if (file.getMetaInfo()->tagExistsWithValue(DCM_MediaStorageSOPClassUID) &&
        ReadText(*file.getMetaInfo(), DCM_MediaStorageSOPClassUID) ==
            std::string(UID_MediaStorageDirectoryStorage)) {
      header.kind = FileHeader::Kind::kOther;
      header.problem = "a DICOMDIR: the files are read themselves";
      return header;
    }
    return InvalidInput(file_name +
                        ": SOP Class UID (0008,0016) is missing: truncated or damaged, send the "
                        "file again");
  }
  return Interpret(dataset, file_path, std::move(header), limits);
}

}  // namespace osteon
