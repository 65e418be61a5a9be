// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/pages/projection.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipelines/report/pages/pictures.h"
#include "pipelines/report/text.h"

namespace osteon {
namespace {

// Twice the area of a closed polygon; negative for a hole.
double TwiceArea(const std::vector<Point2>& polygon) {
  double sum = 0;
  for (std::size_t n = 0; n < polygon.size(); ++n) {
    const Point2 a = polygon[n], b = polygon[(n + 1) % polygon.size()];
    sum += a.x * b.y - b.x * a.y;
  }
  return sum;
}

double Area(const std::vector<std::vector<Point2>>& outlines) {
  double area = 0;
  for (const auto& outline : outlines) area += TwiceArea(outline) / 2;
  return area;
}

TEST(OutlinesTest, EncloseExactlyThePixelsOfTheMask) {
  struct {
    const char* name;
    std::vector<std::uint8_t> mask;  // 4 x 4
    std::size_t outlines;
  } const cases[] = {{"empty", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0},
                     {"one pixel", {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 1},
                     {"edge of the image", {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 1},
                     {"ring with a hole", {1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0}, 2},
                     {"two apart", {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1}, 2}};
  for (const auto& c : cases) {
    const auto outlines = Outlines(c.mask, 4, 4);
    EXPECT_EQ(outlines.size(), c.outlines) << c.name;
    EXPECT_EQ(Area(outlines), std::count(c.mask.begin(), c.mask.end(), 1)) << c.name;
  }
}

TEST(OutlinesTest, AreaIsRightForEveryMaskOfThreeByThree) {
  for (int bits = 0; bits < 512; ++bits) {
    std::vector<std::uint8_t> mask;
    mask.reserve(9);
    for (int n = 0; n < 9; ++n) mask.push_back(bits >> n & 1);
    EXPECT_EQ(Area(Outlines(mask, 3, 3)), std::count(mask.begin(), mask.end(), 1)) << bits;
  }
}

VolumeGeometry Coronal(int columns, int rows, int slices) {
  return {columns, rows, slices, {{1, 0, 0}, {0, 0, -1}, {0, 4, 0}, {-2, -8, 5}}, "1.2"};
}

TEST(ProjectionTest, BrightVoxelAppearsOnItsSide) {
  ComposedVolume composed;
  composed.stir = Volume<float>(Coronal(5, 4, 3));
  composed.inside = Volume<std::uint8_t>(Coronal(5, 4, 3), 1);
  composed.stir.At(4, 1, 2) = 10;  // The patient's left, near the top, at the back.
  const Window window{0, 10};
  const GreyImage coronal = MaximumProjection(composed, View::kCoronal, window);
  const GreyImage sagittal = MaximumProjection(composed, View::kSagittal, window);
  ASSERT_EQ(coronal.width, 5);
  ASSERT_EQ(sagittal.width, 3);
  for (int n = 0; n < 20; ++n)
    EXPECT_EQ(coronal.grey[static_cast<std::size_t>(n)], n == 1 * 5 + 4 ? 255 : 0);
  for (int n = 0; n < 12; ++n)
    EXPECT_EQ(sagittal.grey[static_cast<std::size_t>(n)], n == 1 * 3 + 2 ? 255 : 0);
}

TEST(ProjectionTest, MuscleIsMidGreyMarrowIsSeenAndLesionsAreInTheUpperThird) {
  constexpr float kMuscle = 60;
  ComposedVolume composed;
  composed.stir = Volume<float>(Coronal(6, 1, 1));
  const double of_muscle[] = {0.05, 0.5, 1,
                              2.5,  5,   9};  // Air, marrow, muscle, lesion, fluid, more.
  for (int i = 0; i < 6; ++i)
    composed.stir.At(i, 0, 0) = static_cast<float>(kMuscle * of_muscle[i]);
  Anchors anchors;
  anchors.muscle = kMuscle;
  const GreyImage image = SliceImage(composed.stir, 0, WindowOf(composed, anchors));
  EXPECT_EQ(image.grey[0], 0);
  EXPECT_NEAR(image.grey[1], 73, 5) << "marrow is told from cortex and air";
  EXPECT_NEAR(image.grey[2], 110, 8) << "muscle is mid-grey";
  EXPECT_GT(image.grey[3], 170);
  EXPECT_EQ(image.grey[4], 255);
  EXPECT_EQ(image.grey[5], 255);
}

TEST(ProjectionTest, TheWindowOfAnotherStudyGoesByItsBody) {
  // Air, marrow, muscle and fluid in other shares, and another scale.
  const auto body = [](float scale, int air) {
    ComposedVolume composed;
    composed.stir = Volume<float>(Coronal(100, 10, 1), 3 * scale);
    for (int i = air; i < 100; ++i) {
      for (int j = 0; j < 10; ++j)
        composed.stir.At(i, j, 0) = scale * static_cast<float>(i % 10 < 2   ? 30
                                                               : i % 10 < 9 ? 60
                                                                            : 300);
    }
    return composed;
  };
  const Window window{6, 300, 0.5};
  for (const auto& [scale, air] : {std::pair{1.0F, 50}, {4.0F, 50}, {0.1F, 20}, {2.0F, 80}}) {
    const Window like = WindowLike(window, body(1, 50), body(scale, air));
    EXPECT_NEAR(like.low, 6 * scale, 0.01 * scale) << scale << " " << air;
    EXPECT_NEAR(like.high, 300 * scale, 0.5 * scale);
    EXPECT_EQ(like.gamma, 0.5);
  }
  const Window same = WindowLike(window, body(1, 50), ComposedVolume());
  EXPECT_EQ(same.high, 300) << "without a composed volume the window stays";
}

TEST(ProjectionTest, WhatWasNotImagedStaysBlack) {
  ComposedVolume composed;
  composed.stir = Volume<float>(Coronal(2, 1, 1), 10.0F);
  composed.inside = Volume<std::uint8_t>(Coronal(2, 1, 1), 1);
  composed.inside.At(0, 0, 0) = 0;
  const GreyImage image = MaximumProjection(composed, View::kCoronal, {0, 10});
  EXPECT_EQ(image.grey, (std::vector<std::uint8_t>{0, 255}));
}

TEST(PicturesTest, RefuseAGridWithSidesExchanged) {
  const Study study;
  const SeriesChoice choice;
  const Findings findings;
  const LesionMap lesions;
  const ReportOptions options;
  const ReportText text = WriteText(findings, options);
  for (const Affine& turned :
       {Affine{{-1, 0, 0}, {0, 0, -1}, {0, 4, 0}, {}}, Affine{{1, 0, 0}, {0, 0, 1}, {0, 4, 0}, {}},
        Affine{{1, 0, 0}, {0, 0, -1}, {0, -4, 0}, {}}}) {
    ComposedVolume composed;
    composed.stir = Volume<float>(VolumeGeometry{4, 4, 2, turned, "1.2"});
    const auto pictures =
        DrawPictures({study, choice, composed, lesions, findings}, text, options, {});
    ASSERT_FALSE(pictures.ok());
    EXPECT_EQ(pictures.error().code(), ErrorCode::kInvalidInput);
  }
}

}  // namespace
}  // namespace osteon
