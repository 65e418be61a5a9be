// SPDX-License-Identifier: GPL-3.0-or-later
// What the pipeline decides between its stages, without a whole study; whole studies are in
// tests/e2e/analyze_test.py.
#include "pipelines/pipeline.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

namespace osteon {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Pipeline : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / fmt::format("osteon-pipeline-{}", ::getpid());
    fs::create_directories(folder_);
    options_.model_dir = fs::path(std::getenv("OSTEON_SOURCE_DIR")) / "config" / "models";
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
  PipelineOptions options_;
};

TEST_F(Pipeline, IdentityChangesWithConfigurationAndNetworksOnly) {
  const auto first = IdentifyPipeline(options_);
  ASSERT_TRUE(first.ok()) << first.error().message();
  EXPECT_EQ(first->hash.size(), 64U);
  EXPECT_EQ(IdentifyPipeline(options_)->hash, first->hash);

  PipelineOptions other = options_;
  other.config_file = folder_ / "changed.toml";
  std::ofstream(other.config_file) << "[pipeline]\nlanguage = \"de\"\n";
  ASSERT_TRUE(IdentifyPipeline(other).ok());
  EXPECT_NE(IdentifyPipeline(other)->hash, first->hash);

  PipelineOptions site = options_;
  site.model_dir = folder_ / "models";
  fs::copy(options_.model_dir, site.model_dir);
  EXPECT_EQ(IdentifyPipeline(site)->hash, first->hash);
  std::ofstream(site.model_dir / "lesion.json", std::ios::app) << "\n";
  EXPECT_NE(IdentifyPipeline(site)->hash, first->hash);
}

TEST_F(Pipeline, MissingNetworksAreNamed) {
  options_.model_dir = folder_ / "none";
  const auto identity = IdentifyPipeline(options_);
  ASSERT_FALSE(identity.ok());
  EXPECT_THAT(identity.error().message(), HasSubstr("none"));
}

TEST_F(Pipeline, AFolderWithoutDicomIsRefusedByName) {
  std::ofstream(folder_ / "letter.txt") << "not DICOM\n";
  RunContext run;
  const auto analysis = AnalyzeStudy(folder_, options_, run);
  ASSERT_FALSE(analysis.ok());
  EXPECT_EQ(analysis.error().code(), ErrorCode::kInvalidInput);
  EXPECT_THAT(analysis.error().message(), HasSubstr("DICOM"));
}

TEST_F(Pipeline, AWrongConfigurationStopsBeforeAnyWork) {
  options_.config_file = folder_ / "wrong.toml";
  std::ofstream(options_.config_file) << "[pipeline]\nlanguage = \"fr\"\n";
  RunContext run;
  const auto analysis = AnalyzeStudy(folder_, options_, run);
  ASSERT_FALSE(analysis.ok());
  EXPECT_THAT(analysis.error().message(), HasSubstr("language"));
  EXPECT_TRUE(run.stage_times().empty());
}

}  // namespace
}  // namespace osteon
