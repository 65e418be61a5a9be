// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a DICOM Segmentation (PS3.3 A.51) of any writer as plain values: our own of an earlier
// study, or the reference segmentation of a site's readers. Binary and fractional; bit-packed, and
// any transfer syntax that PixelFile decodes. Shows no DCMTK.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/bone_units.h"
#include "pipelines/model/geometry.h"

namespace osteon {

// The identity of a DICOM file. Texts are as in the file, trimmed; empty when absent.
struct ObjectIdentity {
  std::string sop_class_uid, sop_instance_uid;
  std::string study_instance_uid, series_instance_uid;
  bool is_segmentation = false;  // Segmentation Storage (1.2.840.10008.5.1.4.1.1.66.4).
};

// Reads the start of the header only. nullopt when the file is not DICOM or cannot be read.
std::optional<ObjectIdentity> IdentifyObject(const std::filesystem::path& path);

// A code as in the file. Empty when absent.
struct CodeText {
  std::string value, scheme, meaning;
};

// Neighbouring pixels of one row that belong to the segment: columns [first_column, end_column).
struct PixelRun {
  int row = 0, first_column = 0, end_column = 0;
  friend bool operator==(const PixelRun&, const PixelRun&) = default;
};

// One plane of one segment.
struct SegPlane {
  int frame_number = 1;  // In the file, from 1.
  // {column, row, 0} is the centre of a pixel, LPS mm. step_k is the slice normal (row x column
  // direction) times the slice's extent: Spacing Between Slices, else Slice Thickness, else the
  // smallest distance of two planes of the file.
  Affine patient_from_voxel;
  std::vector<PixelRun> runs;  // By row, then column. Empty for a frame without a pixel.

  std::size_t PixelCount() const;
  double voxel_ml() const;
};

struct SegSegment {
  int number = 0;  // Segment Number (0062,0004).
  std::string label;
  std::string tracking_id, tracking_uid;  // (0062,0020), (0062,0021).
  CodeText property_type;                 // Segmented Property Type.
  CodeText anatomic_region;
  // From Anatomic Region Modifier: SNOMED CT 7771000 / 24028007 or SRT G-A101 / G-A100, else from
  // the word "left" or "right" in the modifier's or the region's meaning. kNone also when both
  // sides are named.
  Side side = Side::kNone;
  std::vector<SegPlane> planes;  // In file order.

  double volume_ml() const;
};

struct Segmentation {
  ObjectIdentity identity;
  std::string frame_of_reference_uid;  // Empty when the file has none.
  std::string manufacturer;
  int columns = 0, rows = 0;
  std::vector<SegSegment> segments;  // By number. A segment without frames has no planes.
};

struct SegReadOptions {
  std::uintmax_t max_file_bytes = 1ULL << 30U;
  int max_rows_or_columns = 8192;
  int max_frames = 20'000;
  int max_segments = 4096;
  // Over all frames, 12 bytes each. A body with many lesions has some 10,000.
  std::size_t max_runs = 20'000'000;
};

// A pixel of a fractional segmentation belongs to the segment from half of Maximum Fractional Value
// (0062,000E) on.
//
// Errors name the file and the attribute:
//   kUnavailable   the file cannot be opened.
//   kInvalidInput  not DICOM; truncated; sizes beyond the options; pixel data shorter than the
//                  header says; a frame without plane position, orientation, spacing or segment;
//                  geometry that is not finite, or degenerate.
//   kUnsupported   DICOM, but not a Segmentation; Segmentation Type other than BINARY and
//                  FRACTIONAL (label maps); a frame in slide or volume coordinates; a transfer
//                  syntax that cannot be decoded.
Result<Segmentation> ReadSegmentation(const std::filesystem::path& path,
                                      const SegReadOptions& options = {});

}  // namespace osteon
