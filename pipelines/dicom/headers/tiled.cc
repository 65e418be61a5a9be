// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/headers/tiled.h"

#include <algorithm>

#include "pipelines/dicom/dataset/attributes.h"

namespace osteon {
namespace {

// Bores are 600 or 700 mm wide, and no image is wider than its bore; composed images are as wide as
// the largest field of view, 500 to 550 mm.
constexpr double kWidestBoreMm = 800, kWidestBodyMm = 560;

bool HasWord(const std::string& values, const std::string& word) {
  return ("\\" + values + "\\").find("\\" + word + "\\") != std::string::npos;
}

bool LargerBothWays(DcmItem& dataset, double mm) {
  const auto spacing =
      FrameAttributes(dataset, 0).Numbers(DCM_PixelMeasuresSequence, DCM_PixelSpacing);
  const double rows = ReadInt(dataset, DCM_Rows).value_or(0);
  const double columns = ReadInt(dataset, DCM_Columns).value_or(0);
  return spacing.size() == 2 && rows * spacing[0] > mm && columns * spacing[1] > mm;
}

// Acquisition Matrix is frequency rows, frequency columns, phase rows, phase columns, two of them
// 0. Interpolation doubles a matrix in both directions, so a factor of two proves no tiling.
bool MatrixIsThatOfTiles(DcmItem& dataset) {
  const auto matrix = ReadNumbers(dataset, DCM_AcquisitionMatrix);
  if (matrix.empty()) return false;
  const int largest = static_cast<int>(*std::max_element(matrix.begin(), matrix.end()));
  const int rows = ReadInt(dataset, DCM_Rows).value_or(0);
  const int columns = ReadInt(dataset, DCM_Columns).value_or(0);
  return largest > 0 && rows >= 3 * largest && columns >= 3 * largest && rows % largest == 0 &&
         columns % largest == 0;
}

}  // namespace

std::string WhyTiled(DcmItem& dataset) {
  const char* what_to_do =
      ": many slices tiled in one image, which are not read; export the "
      "slices as images of their own";
  const auto siemens = ReadPrivateNumber(dataset, 0x0019, "SIEMENS MR HEADER", 0x0A);
  if (siemens && *siemens > 1) return std::string("Siemens mosaic") + what_to_do;
  const auto uih = ReadPrivateNumber(dataset, 0x0065, "Image Private Header", 0x50);
  if (uih && *uih > 1) return std::string("UIH grid") + what_to_do;
  if (LargerBothWays(dataset, kWidestBoreMm)) {
    return std::string(
               "larger than any bore both ways (Pixel Spacing (0028,0030) times Rows and "
               "Columns)") +
           what_to_do;
  }
  const bool says_mosaic = HasWord(ReadText(dataset, DCM_ImageType).value_or(""), "MOSAIC");
  if (says_mosaic && !siemens &&
      (LargerBothWays(dataset, kWidestBodyMm) || MatrixIsThatOfTiles(dataset))) {
    return std::string("Siemens mosaic (Image Type (0008,0008))") + what_to_do;
  }
  return {};
}

}  // namespace osteon
