// SPDX-License-Identifier: GPL-3.0-or-later
// Real scanner files against dcm2niix, an independent reader: each voxel must be at the same place
// with the same value.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>

#include "pipelines/dicom/headers/study_reader.h"
#include "pipelines/dicom/images/volume_loader.h"
#include "tests/pipelines/dicom/mr_files.h"

namespace osteon {
namespace {

namespace fs = std::filesystem;

fs::path RealDicom() {
  const char* shared = std::getenv("OSTEON_SHARED");
  return shared != nullptr ? fs::path(shared) / "real-dicom" : fs::path();
}

// A NIfTI-1 file as dcm2niix writes it: little endian, RAS millimetres.
struct Nifti {
  int size[4] = {1, 1, 1, 1};
  Affine ras_from_voxel;
  std::vector<float> values;  // Scaled.

  float At(int i, int j, int k, int t) const {
    const int n = i + size[0] * (j + size[1] * (k + size[2] * t));
    return values[static_cast<std::size_t>(n)];
  }
};

template <typename T>
T Field(const std::string& bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

Nifti ReadNifti(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  Nifti nifti;
  const int dimensions = Field<std::int16_t>(bytes, 40);
  for (int d = 0; d < std::min(dimensions, 4); ++d) {
    nifti.size[d] = Field<std::int16_t>(bytes, 42 + 2 * static_cast<std::size_t>(d));
  }
  const auto row = [&](std::size_t r, std::size_t c) {
    return static_cast<double>(Field<float>(bytes, 280 + 16 * r + 4 * c));
  };
  Affine& a = nifti.ras_from_voxel;
  a.step_i = {row(0, 0), row(1, 0), row(2, 0)};
  a.step_j = {row(0, 1), row(1, 1), row(2, 1)};
  a.step_k = {row(0, 2), row(1, 2), row(2, 2)};
  a.origin = {row(0, 3), row(1, 3), row(2, 3)};
  const int type = Field<std::int16_t>(bytes, 70);
  EXPECT_TRUE(type == 4 || type == 512) << "NIfTI data type " << type;
  const float slope = Field<float>(bytes, 112);
  const float intercept = Field<float>(bytes, 116);
  const auto offset = static_cast<std::size_t>(Field<float>(bytes, 108));
  for (std::size_t n = offset; n + 1 < bytes.size(); n += 2) {
    const auto stored = type == 4 ? static_cast<float>(Field<std::int16_t>(bytes, n))
                                  : static_cast<float>(Field<std::uint16_t>(bytes, n));
    nifti.values.push_back(stored * slope + intercept);
  }
  return nifti;
}

// Compares all voxels of `ours` with time point `t`; the NIfTI's own row and slice order does not
// matter.
void ExpectSameVoxels(const ImageVolume& ours, const Nifti& nifti, int t) {
  const VolumeGeometry& g = ours.voxels.geometry();
  ASSERT_EQ(static_cast<int>(g.VoxelCount()), nifti.size[0] * nifti.size[1] * nifti.size[2]);
  const Affine nifti_from_ras = Inverse(nifti.ras_from_voxel);
  double worst_mm = 0;
  // dcm2niix rounds scale factors to single precision: seen 1.2e-5 of the largest value in a field
  // map.
  const auto [low, high] = std::minmax_element(nifti.values.begin(), nifti.values.end());
  const double tolerance = 2e-5 * std::max(std::abs(*low), std::abs(*high));
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        const Vec3 lps = g.patient_from_voxel(
            {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
        const Vec3 at = nifti_from_ras({-lps.x, -lps.y, lps.z});
        const Vec3 whole{std::round(at.x), std::round(at.y), std::round(at.z)};
        worst_mm = std::max(worst_mm, Norm(at - whole) * Norm(nifti.ras_from_voxel.step_i));
        const float theirs = nifti.At(static_cast<int>(whole.x), static_cast<int>(whole.y),
                                      static_cast<int>(whole.z), t);
        ASSERT_NEAR(ours.voxels.At(i, j, k), theirs, tolerance) << i << " " << j << " " << k;
      }
    }
  }
  EXPECT_LT(worst_mm, 0.01);
}

// The NIfTI files that dcm2niix makes of a folder, by file name.
std::map<std::string, Nifti> Dcm2niix(const fs::path& folder, const fs::path& out) {
  const std::string command =
      "dcm2niix -z n -f %s_%d -o '" + out.string() + "' '" + folder.string() + "' > /dev/null 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  std::map<std::string, Nifti> files;
  for (const auto& entry : fs::directory_iterator(out)) {
    if (entry.path().extension() == ".nii") {
      files[entry.path().stem().string()] = ReadNifti(entry.path());
    }
  }
  return files;
}

// Stacks in order are the time points (or echoes, one file each) of dcm2niix in order.
void CompareFolder(const fs::path& folder) {
  testing::TempFolder out;
  const auto theirs = Dcm2niix(folder, out.path());
  ASSERT_FALSE(theirs.empty());
  RunContext run;
  const auto study = ReadStudy(folder, {}, run);
  ASSERT_TRUE(study) << study.error().message();
  EXPECT_TRUE(run.caveats().empty());
  std::size_t stack = 0;
  for (const auto& [name, nifti] : theirs) {
    for (int t = 0; t < nifti.size[3]; ++t, ++stack) {
      ASSERT_LT(stack, study->series.size()) << name;
      const auto image = LoadVolume(study->series[stack], run);
      ASSERT_TRUE(image) << image.error().message();
      ExpectSameVoxels(*image, nifti, t);
    }
  }
  EXPECT_EQ(stack, study->series.size());
}

class RealDicomTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::is_directory(RealDicom())) GTEST_SKIP() << "no data: OSTEON_SHARED has no real-dicom";
  }
};

TEST_F(RealDicomTest, ClassicSiemensSupine) { CompareFolder(RealDicom() / "supine"); }

TEST_F(RealDicomTest, ClassicSiemensDecubitus) { CompareFolder(RealDicom() / "left-decubitus"); }

TEST_F(RealDicomTest, MultiFrameOfAnArchive) { CompareFolder(RealDicom() / "multi-frame-agfa"); }

// The folder holds two studies, which are read one at a time.
TEST_F(RealDicomTest, EnhancedSiemensAndPhilips) {
  for (const char* prefix : {"6_", "IM_"}) {
    testing::TempFolder one;
    for (const auto& entry : fs::directory_iterator(RealDicom() / "enhanced")) {
      if (entry.path().filename().string().starts_with(prefix)) {
        fs::copy_file(entry.path(), one.path() / entry.path().filename());
      }
    }
    CompareFolder(one.path());
  }
}

TEST_F(RealDicomTest, TwoStudiesInOneFolderAreRefused) {
  RunContext run;
  const auto study = ReadStudy(RealDicom() / "enhanced", {}, run);
  ASSERT_FALSE(study);
  EXPECT_NE(study.error().message().find("2 studies"), std::string::npos);
}

TEST_F(RealDicomTest, MosaicsAreRefusedByThatName) {
  RunContext run;
  const auto study = ReadStudy(RealDicom() / "siemens-epi", {}, run);
  ASSERT_TRUE(study);
  EXPECT_TRUE(study->series.empty());
  ASSERT_EQ(study->left_out.size(), 4U);
  for (const auto& out : study->left_out) {
    EXPECT_NE(out.reason.find("mosaic"), std::string::npos) << out.reason;
  }
}

}  // namespace
}  // namespace osteon
