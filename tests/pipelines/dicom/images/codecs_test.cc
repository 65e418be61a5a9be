// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/dicom/images/jpeg2000.h"
#include "pipelines/dicom/images/rle.h"

namespace osteon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// One segment of three pixels; PS3.5 annex G.
std::vector<std::uint8_t> RleFrame(std::uint8_t segments, std::uint32_t offset,
                                   const std::vector<std::uint8_t>& segment) {
  std::vector<std::uint8_t> frame(64 + segment.size());
  frame[0] = segments;
  for (std::size_t n = 0; n < 4; ++n) frame[4 + n] = static_cast<std::uint8_t>(offset >> 8 * n);
  std::copy(segment.begin(), segment.end(), frame.begin() + 64);
  return frame;
}

TEST(DecodeRle, ReadsRunsAndLiteralsAndStopsAtTheLastPixel) {
  for (const std::vector<std::uint8_t>& segment :
       {std::vector<std::uint8_t>{2, 7, 7, 9}, {255, 7, 0, 9}, {128, 255, 7, 200, 9, 99}}) {
    const auto pixels = DecodeRle(RleFrame(1, 64, segment), 3, 1);
    ASSERT_TRUE(pixels) << pixels.error().message();
    EXPECT_THAT(*pixels, ElementsAre(7, 7, 9));
  }
}

TEST(DecodeRle, RefusesWhatLiesOutsideOrEndsEarly) {
  const std::vector<std::uint8_t> good = {2, 7, 7, 9};
  const std::pair<std::vector<std::uint8_t>, const char*> cases[] = {
      {{}, "header"},
      {RleFrame(2, 64, good), "header"},
      {RleFrame(1, 63, good), "outside"},
      {RleFrame(1, 69, good), "outside"},
      {RleFrame(1, 0x9F0040, good), "outside"},  // Found by tests/fuzz: DCMTK crashes.
      {RleFrame(1, 64, {2, 7, 7}), "before its last pixel"},
      {RleFrame(1, 64, {254}), "before its last pixel"},
      {RleFrame(1, 64, {255, 7}), "before its last pixel"},
      {RleFrame(1, 64, {}), "before its last pixel"},
  };
  for (const auto& [bytes, message] : cases) {
    const auto pixels = DecodeRle(bytes, 3, 1);
    ASSERT_FALSE(pixels) << message;
    EXPECT_EQ(pixels.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(pixels.error().message(), HasSubstr(message));
  }
}

TEST(DecodeJpeg2000, RefusesAnythingElse) {
  const std::vector<std::uint8_t> cases[] = {
      {}, {0xFF, 0x4F}, std::vector<std::uint8_t>(1000, 0), {0xFF, 0x4F, 0xFF, 0x51, 0, 41, 0, 0}};
  for (const auto& bytes : cases) {
    const auto image = DecodeJpeg2000(bytes, 4, 4);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code(), ErrorCode::kInvalidInput);
  }
}

}  // namespace
}  // namespace osteon
