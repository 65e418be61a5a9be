// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/version.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace osteon {
namespace {

TEST(Version, IsTheOneOfTheBuild) {
  const char* source = std::getenv("OSTEON_SOURCE_DIR");
  ASSERT_NE(source, nullptr) << "run through ctest";
  std::ifstream file(std::string(source) + "/CMakeLists.txt");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_NE(text.str().find("VERSION " + std::string(kVersion) + " "), std::string::npos);
}

TEST(Version, ImplementationVersionNameFitsItsElement) {
  EXPECT_LE(kImplementationVersionName.size(), 16U);  // SH, DICOM PS3.7 D.3.3.2.
}

}  // namespace
}  // namespace osteon
