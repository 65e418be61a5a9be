// SPDX-License-Identifier: GPL-3.0-or-later
// Segmentations of other writers: pydicom (seg_files.py, which says what is in each file) and
// DCMTK.
#include "pipelines/dicom/seg/seg_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <string>

namespace osteon {
void WriteSegWithDcmtk(const std::filesystem::path& path);  // dcmtk_seg.cc

namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class SegReader : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string name = (fs::temp_directory_path() / "osteon-segs-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    const char* source = std::getenv("OSTEON_SOURCE_DIR");
    ASSERT_NE(source, nullptr) << "run by ctest, or set OSTEON_SOURCE_DIR to the repository";
    const std::string command = "/usr/bin/python3 -B '" + std::string(source) +
                                "/tests/pipelines/dicom/seg/seg_files.py' '" + name + "'";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

  static fs::path Path(const std::string& name) { return folder_ / (name + ".dcm"); }

  static fs::path folder_;
};
fs::path SegReader::folder_;

void ExpectNear(Vec3 got, Vec3 want, double tolerance) {
  EXPECT_LT(Norm(got - want), tolerance)
      << got.x << ", " << got.y << ", " << got.z << " instead of " << want.x << ", " << want.y
      << ", " << want.z;
}

// What lesions() of seg_files.py holds. `first_plane` is the index of the first frame with pixels.
void ExpectLesions(const Segmentation& seg, std::size_t first_plane_1, std::size_t first_plane_2) {
  ASSERT_THAT(seg.segments, SizeIs(2));
  const SegSegment& one = seg.segments[0];
  EXPECT_EQ(one.number, 1);
  EXPECT_EQ(one.label, "L1");
  EXPECT_EQ(one.tracking_id, "L1");
  EXPECT_EQ(one.tracking_uid, "1.2.3.4.1");
  EXPECT_EQ(one.property_type.meaning, "Lesion");
  EXPECT_EQ(one.anatomic_region.meaning, "Femur");
  EXPECT_EQ(one.side, Side::kLeft);
  ASSERT_GT(one.planes.size(), first_plane_1 + 1);
  EXPECT_THAT(one.planes[first_plane_1].runs, ElementsAre(PixelRun{2, 3, 6}, PixelRun{3, 0, 7}));
  EXPECT_THAT(one.planes[first_plane_1 + 1].runs, ElementsAre(PixelRun{4, 6, 7}));
  EXPECT_NEAR(one.volume_ml(), 11 * 2 * 1.5 * 5 / 1000, 1e-9);
  const SegSegment& two = seg.segments[1];
  EXPECT_EQ(two.side, Side::kNone);
  ASSERT_GT(two.planes.size(), first_plane_2);
  EXPECT_THAT(two.planes[first_plane_2].runs, ElementsAre(PixelRun{0, 0, 1}, PixelRun{0, 2, 3}));
  // The tilted grid: columns to the left, rows down and forward, slices along their cross product.
  const double c = std::cos(std::numbers::pi / 6), s = 0.5;
  const Affine& at = one.planes[first_plane_1].patient_from_voxel;  // Slice 1 of the mask.
  ExpectNear(at.origin, {-10.5, -20 + 5 * c, 30 + 5 * s}, 1e-5);
  ExpectNear(at({3, 2, 0}), {-10.5 + 4.5, -20 + 5 * c + 4 * s, 30 + 5 * s - 4 * c}, 1e-5);
  ExpectNear(at.step_k, {0, 5 * c, 5 * s}, 1e-5);
}

TEST_F(SegReader, ReadsEveryWayToWriteTheSameSegmentation) {
  for (const char* name : {"explicit", "implicit", "deflated", "big_endian", "groups_per_frame",
                           "thickness_only", "extent_from_planes"}) {
    SCOPED_TRACE(name);
    const auto seg = ReadSegmentation(Path(name));
    ASSERT_TRUE(seg) << seg.error().message();
    EXPECT_EQ(seg->identity.study_instance_uid, "1.2.3.4");
    EXPECT_FALSE(seg->frame_of_reference_uid.empty());
    EXPECT_EQ(seg->manufacturer, "Readers");
    EXPECT_EQ(seg->columns, 7);
    EXPECT_EQ(seg->rows, 5);
    ExpectLesions(*seg, 0, 0);
  }
}

TEST_F(SegReader, KeepsEmptyFrames) {
  const auto seg = ReadSegmentation(Path("keep_empty"));
  ASSERT_TRUE(seg) << seg.error().message();
  ExpectLesions(*seg, 1, 3);
  EXPECT_THAT(seg->segments[0].planes[0].runs, IsEmpty());
  EXPECT_EQ(seg->segments[1].planes[0].frame_number, 5);
}

TEST_F(SegReader, CutsFractionalSegmentationsAtHalf) {
  for (const char* name : {"fractional_explicit", "fractional_rle"}) {
    SCOPED_TRACE(name);
    const auto seg = ReadSegmentation(Path(name));
    ASSERT_TRUE(seg) << seg.error().message();
    ASSERT_THAT(seg->segments, SizeIs(1));
    ASSERT_THAT(seg->segments[0].planes, SizeIs(2));
    EXPECT_THAT(seg->segments[0].planes[0].runs, ElementsAre(PixelRun{1, 2, 4}));
    EXPECT_THAT(seg->segments[0].planes[1].runs, ElementsAre(PixelRun{2, 2, 3}));
  }
}

TEST_F(SegReader, FindsTheSideInModifierCodeModifierMeaningOrRegion) {
  const auto seg = ReadSegmentation(Path("sides"));
  ASSERT_TRUE(seg) << seg.error().message();
  const std::vector<Side> want{Side::kRight, Side::kLeft, Side::kNone,
                               Side::kNone,  Side::kNone, Side::kLeft};
  ASSERT_THAT(seg->segments, SizeIs(want.size()));
  for (std::size_t n = 0; n < want.size(); ++n) {
    EXPECT_EQ(seg->segments[n].side, want[n]) << seg->segments[n].anatomic_region.meaning;
  }
}

TEST_F(SegReader, ReadsWhatDcmtkWrites) {
  WriteSegWithDcmtk(Path("dcmtk"));
  const auto seg = ReadSegmentation(Path("dcmtk"));
  ASSERT_TRUE(seg) << seg.error().message();
  ASSERT_THAT(seg->segments, SizeIs(1));
  EXPECT_EQ(seg->segments[0].anatomic_region.value, "71341001");
  EXPECT_EQ(seg->segments[0].side, Side::kRight);
  ASSERT_THAT(seg->segments[0].planes, SizeIs(2));
  EXPECT_THAT(seg->segments[0].planes[0].runs, ElementsAre(PixelRun{0, 1, 3}));
  EXPECT_THAT(seg->segments[0].planes[1].runs, ElementsAre(PixelRun{2, 0, 3}));
  ExpectNear(seg->segments[0].planes[1].patient_from_voxel({2, 2, 0}), {2 * 0.9, 3 * 0.9, 7}, 1e-9);
}

TEST_F(SegReader, NamesFileAndAttributeOfWhatIsBroken) {
  struct Case {
    const char* name;
    ErrorCode code;
    const char* says;
  };
  constexpr auto kBroken = ErrorCode::kInvalidInput;
  for (const Case& c : std::initializer_list<Case>{
           {"no_segments", kBroken, "Segment Sequence (0062,0002) is missing"},
           {"repeated_number", kBroken, "Segment Number (0062,0004)"},
           {"unknown_segment", kBroken, "frame 1: Referenced Segment Number (0062,000B) is 9"},
           {"no_segment", kBroken, "frame 1: Referenced Segment Number"},
           {"no_position", kBroken, "frame 1: Image Position (Patient)"},
           {"nan_position", kBroken, "frame 1: Image Position (Patient)"},
           {"no_orientation", kBroken, "frame 1: Image Orientation (Patient)"},
           {"skewed", kBroken, "frame 1: Image Orientation (Patient)"},
           {"no_spacing", kBroken, "frame 1: Pixel Spacing (0028,0030)"},
           {"negative_spacing", kBroken, "frame 1: Pixel Spacing (0028,0030)"},
           {"one_plane_no_extent", kBroken, "Slice Thickness (0018,0050)"},
           {"many_frames", kBroken, "Number of Frames (0028,0008) is 2000000"},
           {"more_frames_than_groups", kBroken, "frame 4: "},
           {"huge_rows", kBroken, "Rows (0028,0010)"},
           {"short_pixels", kBroken, "Pixel Data (7FE0,0010) has "},
           {"no_pixels", kBroken, "Pixel Data (7FE0,0010) is missing"},
           {"no_maximum", kBroken, "Maximum Fractional Value (0062,000E)"},
           {"label_map", ErrorCode::kUnsupported, "Segmentation Type (0062,0001)"},
           {"other_class", ErrorCode::kUnsupported, "SOP Class UID (0008,0016)"},
           {"truncated", kBroken, "truncated or damaged"},
           {"text", kBroken, "not DICOM"},
           {"empty", kBroken, "not DICOM"},
           {"absent", ErrorCode::kUnavailable, "cannot be read"}}) {
    SCOPED_TRACE(c.name);
    const auto seg = ReadSegmentation(Path(c.name));
    ASSERT_FALSE(seg);
    EXPECT_EQ(seg.error().code(), c.code) << seg.error().message();
    EXPECT_THAT(seg.error().message(), testing::StartsWith(std::string(c.name) + ".dcm: "));
    EXPECT_THAT(seg.error().message(), HasSubstr(c.says));
  }
}

TEST_F(SegReader, RefusesMoreThanItsLimits) {
  const auto too_large = ReadSegmentation(Path("explicit"), {.max_file_bytes = 100});
  ASSERT_FALSE(too_large);
  EXPECT_THAT(too_large.error().message(), HasSubstr("at most 100 are read"));
  const auto scattered = ReadSegmentation(Path("explicit"), {.max_runs = 3});
  ASSERT_FALSE(scattered);
  EXPECT_THAT(scattered.error().message(), HasSubstr("too scattered"));
}

TEST_F(SegReader, EveryCutOfAFileIsAnAnswer) {
  std::ifstream in(Path("explicit"), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  for (std::size_t length = 0; length < whole.size(); length += 37) {
    std::ofstream(Path("cut"), std::ios::binary) << whole.substr(0, length);
    EXPECT_FALSE(ReadSegmentation(Path("cut"))) << length << " bytes of " << whole.size();
  }
}

TEST_F(SegReader, IdentifiesAFileByItsHeader) {
  const auto seg = IdentifyObject(Path("deflated"));
  ASSERT_TRUE(seg);
  EXPECT_TRUE(seg->is_segmentation);
  EXPECT_EQ(seg->study_instance_uid, "1.2.3.4");
  const auto other = IdentifyObject(Path("other_class"));
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->is_segmentation);
  for (const char* name : {"text", "empty", "absent"}) {
    EXPECT_FALSE(IdentifyObject(Path(name))) << name;
  }
}

}  // namespace
}  // namespace osteon
