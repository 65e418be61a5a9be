// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/headers/file_header.h"

#include <fmt/core.h>

#include <array>
#include <fstream>

#include "pipelines/base/version.h"
#include "pipelines/dicom/dataset/attributes.h"
#include "pipelines/dicom/dataset/dicom_file.h"
#include "pipelines/dicom/headers/patient_facts.h"
#include "pipelines/dicom/headers/tiled.h"
#include "pipelines/dicom/images/readable_pixels.h"
#include "pipelines/selection/frame_physics.h"

namespace osteon {
namespace {

using std::filesystem::path;

constexpr const char* kExportAgain = "; export the series again from the scanner or its archive";

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

// The attributes of one frame, for pipelines/selection.
class FileAttributes final : public AttributeSource {
 public:
  FileAttributes(DcmItem& dataset, unsigned long frame) : attributes_(dataset, frame) {}

  std::optional<std::string> Text(Tag group, Tag tag) const override {
    return attributes_.Text(Key(group), Key(tag));
  }
  std::vector<double> Numbers(Tag group, Tag tag) const override {
    return attributes_.Numbers(Key(group), Key(tag));
  }
  bool Has(Tag group, Tag tag) const override { return attributes_.Has(Key(group), Key(tag)); }
  bool frame_is_missing() const { return attributes_.frame_is_missing(); }

 private:
  static DcmTagKey Key(Tag tag) { return {tag.group, tag.element}; }

  FrameAttributes attributes_;
};

std::string SizeProblem(DcmItem& dataset, const HeaderLimits& limits) {
  for (const auto& [name, value] :
       {std::pair{"Rows (0028,0010)", ReadInt(dataset, DCM_Rows).value_or(0)},
        {"Columns (0028,0011)", ReadInt(dataset, DCM_Columns).value_or(0)}}) {
    if (value < 1 || value > limits.max_rows_or_columns) {
      return fmt::format("{} is {}, not between 1 and {}", name, value, limits.max_rows_or_columns);
    }
  }
  const int frames = ReadInt(dataset, DCM_NumberOfFrames).value_or(1);
  if (frames < 1 || frames > limits.max_frames) {
    return fmt::format("Number of Frames (0028,0008) is {}, not between 1 and {}", frames,
                       limits.max_frames);
  }
  return {};
}

// Fills file.frames. Returns what is wrong, or empty.
std::string ReadFrames(DcmItem& dataset, const path& file_path, FileHeader& file) {
  const auto frames = static_cast<unsigned long>(ReadInt(dataset, DCM_NumberOfFrames).value_or(1));
  if (frames > 1 && !dataset.tagExists(DCM_PerFrameFunctionalGroupsSequence)) {
    return fmt::format(
        "Number of Frames (0028,0008) is {} but Per-frame Functional Groups Sequence (5200,9230), "
        "which says where each frame lies, is missing",
        frames);
  }
  for (unsigned long n = 0; n < frames; ++n) {
    const FileAttributes attributes(dataset, n);
    if (attributes.frame_is_missing()) {
      return fmt::format(
          "Number of Frames (0028,0008) is {} but Per-frame Functional Groups Sequence (5200,9230) "
          "ends at {}",
          frames, n);
    }
    FrameHeader frame;
    frame.file_name = file.file_name;
    frame.description = file.description;
    frame.source.path = file_path;
    frame.source.sop_class_uid = file.sop_class_uid;
    frame.source.sop_instance_uid = file.sop_instance_uid;
    frame.source.frame_number = static_cast<int>(n) + 1;
    if (std::string problem = ReadFrame(attributes, frame); !problem.empty()) return problem;
    file.frames.push_back(std::move(frame));
  }
  return {};
}

FileHeader Interpret(DcmFileFormat& format, bool goes_on, const path& file_path, FileHeader file,
                     const HeaderLimits& limits) {
  DcmItem& dataset = *format.getDataset();
  file.sop_class_uid = ReadText(dataset, DCM_SOPClassUID).value_or("");
  const std::string character_set = ReadText(dataset, DCM_SpecificCharacterSet).value_or("");
  file.study_instance_uid = ReadText(dataset, DCM_StudyInstanceUID).value_or("");
  file.series_instance_uid = ReadText(dataset, DCM_SeriesInstanceUID).value_or("");
  file.sop_instance_uid = ReadText(dataset, DCM_SOPInstanceUID).value_or("");
  file.description = ReadPrintable(dataset, DCM_SeriesDescription, character_set).value_or("");
  file.patient = ReadPatientFacts(dataset);
  file.kind = FileHeader::Kind::kOther;
  const std::string modality = ReadText(dataset, DCM_Modality).value_or("");
  const std::string manufacturer = ReadText(dataset, DCM_Manufacturer).value_or("");
  if (!NotAnMrImage(file.sop_class_uid, modality, manufacturer).empty()) {
    file.problem = WhyNotRead(dataset, file.sop_class_uid);
    return file;
  }
  file.physics = ReadPhysics(FileAttributes(dataset, 0));
  if (file.study_instance_uid.empty() || file.series_instance_uid.empty() ||
      file.sop_instance_uid.empty()) {
    file.kind = FileHeader::Kind::kDamaged;
    file.problem = "Study, Series or SOP Instance UID is missing; send the file again";
  } else if (std::string size = SizeProblem(dataset, limits); !size.empty()) {
    file.kind = FileHeader::Kind::kDamaged;
    file.problem = size + kExportAgain;
  } else if (std::string tiled = WhyTiled(dataset); !tiled.empty()) {
    file.kind = FileHeader::Kind::kDamaged;
    file.whole_series = true;
    file.problem = std::move(tiled);
  } else if (std::string colour = WhyColour(dataset); !colour.empty()) {
    file.problem = std::move(colour);
  } else if (std::string unread = WhyPixelsNotRead(format, goes_on); !unread.empty()) {
    file.kind = FileHeader::Kind::kDamaged;
    file.whole_series = true;
    file.problem = std::move(unread);
  } else if (std::string problem = ReadFrames(dataset, file_path, file); !problem.empty()) {
    file.kind = FileHeader::Kind::kDamaged;
    file.frames.clear();
    file.problem = problem + kExportAgain;
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
  const LoadedHeader loaded = LoadDicomHeader(file, file_path, DCM_PixelData);
  DcmDataset& dataset = *file.getDataset();
  if (loaded.status.bad()) {
    return InvalidInput(file_name + ": the DICOM header cannot be read to its end (" +
                        loaded.status.text() + "): truncated or damaged, send the file again");
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
  return Interpret(file, loaded.goes_on, file_path, std::move(header), limits);
}

}  // namespace osteon
