// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/seg/seg_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <system_error>

#include "pipelines/dicom/dataset/attributes.h"
#include "pipelines/dicom/dataset/dicom_file.h"
#include "pipelines/dicom/seg/seg_geometry.h"
#include "pipelines/dicom/seg/seg_pixels.h"

namespace osteon {
namespace {

// Whether `word` is a whole word of the text, ignoring case: "left" is not in "cleft".
bool HasWord(const std::string& text, std::string_view word) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 128;
  };
  std::string lower = text;
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  for (auto at = lower.find(word); at != std::string::npos; at = lower.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_letter(lower[at - 1])) && (end == lower.size() || !is_letter(lower[end]))) {
      return true;
    }
  }
  return false;
}

Side SideOf(bool left, bool right) {
  if (left == right) return Side::kNone;
  return left ? Side::kLeft : Side::kRight;
}

Side SideOfMeaning(const std::string& meaning) {
  return SideOf(HasWord(meaning, "left"), HasWord(meaning, "right"));
}

CodeText ReadCode(DcmItem* item, const std::string& character_set) {
  if (item == nullptr) return {};
  const auto value = ReadText(*item, DCM_CodeValue);
  return {value ? *value : ReadText(*item, DCM_LongCodeValue).value_or(""),
          ReadText(*item, DCM_CodingSchemeDesignator).value_or(""),
          ReadPrintable(*item, DCM_CodeMeaning, character_set).value_or("")};
}

Side ReadSide(DcmItem& region, const CodeText& code, const std::string& character_set) {
  bool left = false, right = false;
  DcmSequenceOfItems* modifiers = nullptr;
  if (region.findAndGetSequence(DCM_AnatomicRegionModifierSequence, modifiers).good()) {
    for (unsigned long n = 0; n < std::min(modifiers->card(), 16UL); ++n) {
      const CodeText modifier = ReadCode(modifiers->getItem(n), character_set);
      const Side by_word = SideOfMeaning(modifier.meaning);
      left |= modifier.value == "7771000" || modifier.value == "G-A101" || by_word == Side::kLeft;
      right |=
          modifier.value == "24028007" || modifier.value == "G-A100" || by_word == Side::kRight;
    }
  }
  return left || right ? SideOf(left, right) : SideOfMeaning(code.meaning);
}

SegSegment ReadSegment(DcmItem& item, const std::string& character_set) {
  SegSegment segment;
  segment.number = ReadInt(item, DCM_SegmentNumber).value_or(0);
  segment.label = ReadPrintable(item, DCM_SegmentLabel, character_set).value_or("");
  segment.tracking_id = ReadPrintable(item, DCM_TrackingID, character_set).value_or("");
  segment.tracking_uid = ReadText(item, DCM_TrackingUID).value_or("");
  segment.property_type =
      ReadCode(FirstItem(item, DCM_SegmentedPropertyTypeCodeSequence), character_set);
  if (DcmItem* region = FirstItem(item, DCM_AnatomicRegionSequence); region != nullptr) {
    segment.anatomic_region = ReadCode(region, character_set);
    segment.side = ReadSide(*region, segment.anatomic_region, character_set);
  }
  return segment;
}

// The segments by number, without frames yet.
Result<std::map<int, SegSegment>> ReadSegments(DcmItem& dataset, const std::string& name,
                                               const SegReadOptions& options) {
  std::map<int, SegSegment> segments;
  DcmSequenceOfItems* items = nullptr;
  if (dataset.findAndGetSequence(DCM_SegmentSequence, items).bad() || items == nullptr) {
    return InvalidInput(name + ": Segment Sequence (0062,0002) is missing");
  }
  if (items->card() > static_cast<unsigned long>(options.max_segments)) {
    return InvalidInput(fmt::format("{}: Segment Sequence (0062,0002) has more than {} items", name,
                                    options.max_segments));
  }
  const std::string character_set = ReadText(dataset, DCM_SpecificCharacterSet).value_or("");
  for (unsigned long n = 0; n < items->card(); ++n) {
    SegSegment segment = ReadSegment(*items->getItem(n), character_set);
    const int number = segment.number;
    if (number < 1 || !segments.emplace(number, std::move(segment)).second) {
      return InvalidInput(fmt::format(
          "{}: Segment Number (0062,0004) is missing or repeated in item {} of Segment Sequence",
          name, n + 1));
    }
  }
  return segments;
}

Result<SegPixelFormat> ReadFormat(DcmItem& dataset, const std::string& name,
                                  const SegReadOptions& options) {
  SegPixelFormat format;
  format.columns = ReadInt(dataset, DCM_Columns).value_or(0);
  format.rows = ReadInt(dataset, DCM_Rows).value_or(0);
  format.frames = ReadInt(dataset, DCM_NumberOfFrames).value_or(1);
  const auto in_range = [](int v, int most) { return v >= 1 && v <= most; };
  if (!in_range(format.columns, options.max_rows_or_columns) ||
      !in_range(format.rows, options.max_rows_or_columns)) {
    return InvalidInput(name + ": Rows (0028,0010) or Columns (0028,0011) is missing or absurd");
  }
  if (format.frames < 0 || format.frames > options.max_frames) {
    return InvalidInput(fmt::format("{}: Number of Frames (0028,0008) is {}; at most {} are read",
                                    name, format.frames, options.max_frames));
  }
  format.bits_allocated = ReadInt(dataset, DCM_BitsAllocated).value_or(0);
  const std::string type = ReadText(dataset, DCM_SegmentationType).value_or("BINARY");
  if (type == "FRACTIONAL") {
    const auto most = ReadNumber(dataset, DCM_MaximumFractionalValue);
    if (!most || !(*most > 0)) {
      return InvalidInput(name +
                          ": Maximum Fractional Value (0062,000E) is missing or not positive");
    }
    format.threshold = *most / 2;
  } else if (type != "BINARY") {
    return Unsupported(name + ": Segmentation Type (0062,0001) is neither BINARY nor FRACTIONAL");
  }
  return format;
}

Status ReadFrames(const SegFramePlan& plan, SegPixels& pixels, const std::string& name,
                  std::size_t max_runs, std::map<int, SegSegment>& segments) {
  std::size_t runs_in_all = 0;
  for (std::size_t n = 0; n < plan.segment_numbers.size(); ++n) {
    const int number = plan.segment_numbers[n];
    const auto segment = segments.find(number);
    if (segment == segments.end()) {
      return InvalidInput(
          fmt::format("{}: frame {}: Referenced Segment Number (0062,000B) is {}, which Segment "
                      "Sequence (0062,0002) does not have",
                      name, n + 1, number));
    }
    auto runs = pixels.ReadFrame(static_cast<int>(n));
    if (!runs) return std::move(runs).error();
    runs_in_all += runs->size();
    if (runs_in_all > max_runs) {
      return InvalidInput(name + ": Pixel Data (7FE0,0010) is too scattered to be a segmentation");
    }
    runs->shrink_to_fit();
    segment->second.planes.push_back(
        {static_cast<int>(n) + 1, plan.patient_from_voxel[n], std::move(*runs)});
  }
  return {};
}

ObjectIdentity ReadIdentity(DcmItem& dataset) {
  ObjectIdentity identity;
  identity.sop_class_uid = ReadText(dataset, DCM_SOPClassUID).value_or("");
  identity.sop_instance_uid = ReadText(dataset, DCM_SOPInstanceUID).value_or("");
  identity.study_instance_uid = ReadText(dataset, DCM_StudyInstanceUID).value_or("");
  identity.series_instance_uid = ReadText(dataset, DCM_SeriesInstanceUID).value_or("");
  identity.is_segmentation = identity.sop_class_uid == UID_SegmentationStorage;
  return identity;
}

}  // namespace

std::size_t SegPlane::PixelCount() const {
  std::size_t count = 0;
  for (const PixelRun& run : runs)
    count += static_cast<std::size_t>(run.end_column - run.first_column);
  return count;
}

double SegPlane::voxel_ml() const { return std::abs(Determinant(patient_from_voxel)) / 1000; }

double SegSegment::volume_ml() const {
  double ml = 0;
  for (const SegPlane& plane : planes) {
    ml += static_cast<double>(plane.PixelCount()) * plane.voxel_ml();
  }
  return ml;
}

std::optional<ObjectIdentity> IdentifyObject(const std::filesystem::path& path) {
  DcmFileFormat file;
  if (LoadDicomFile(file, path, 256, DCM_StudyID).bad()) return std::nullopt;
  ObjectIdentity identity = ReadIdentity(*file.getDataset());
  if (identity.sop_class_uid.empty()) return std::nullopt;
  return identity;
}

Result<Segmentation> ReadSegmentation(const std::filesystem::path& path,
                                      const SegReadOptions& options) {
  const std::string name = path.filename().string();
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  if (error) return Unavailable(name + ": cannot be read: " + error.message());
  if (bytes > options.max_file_bytes) {
    return InvalidInput(
        fmt::format("{}: has {} bytes; at most {} are read", name, bytes, options.max_file_bytes));
  }
  DcmFileFormat file;
  const OFCondition loaded = LoadDicomFile(file, path);
  DcmDataset& dataset = *file.getDataset();
  if (loaded.bad() || dataset.card() == 0) {
    return InvalidInput(name + ": cannot be read to its end (" + loaded.text() +
                        "): not DICOM, truncated or damaged");
  }
  Segmentation out;
  out.identity = ReadIdentity(dataset);
  if (!out.identity.is_segmentation) {
    return Unsupported(name + ": SOP Class UID (0008,0016) is not that of a Segmentation");
  }
  out.frame_of_reference_uid = ReadText(dataset, DCM_FrameOfReferenceUID).value_or("");
  out.manufacturer = ReadText(dataset, DCM_Manufacturer).value_or("");
  auto segments = ReadSegments(dataset, name, options);
  if (!segments) return std::move(segments).error();
  const auto format = ReadFormat(dataset, name, options);
  if (!format) return format.error();
  out.columns = format->columns;
  out.rows = format->rows;
  const auto plan = PlanSegFrames(dataset, format->frames, name);
  if (!plan) return plan.error();
  auto pixels = SegPixels::Open(dataset, path, *format);
  if (!pixels) return std::move(pixels).error();
  if (Status read = ReadFrames(*plan, *pixels, name, options.max_runs, *segments); !read) {
    return std::move(read).error();
  }
  for (auto& [number, segment] : *segments) out.segments.push_back(std::move(segment));
  return out;
}

}  // namespace osteon
