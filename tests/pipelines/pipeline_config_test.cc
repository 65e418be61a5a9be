// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/pipeline_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace osteon {
namespace {

using testing::HasSubstr;

TEST(PipelineConfig, TheShippedFileSaysTheDefaults) {
  const std::filesystem::path source = std::getenv("OSTEON_SOURCE_DIR");
  const auto shipped = LoadPipelineConfig(source / "config" / "osteond.toml");
  ASSERT_TRUE(shipped.ok()) << shipped.error().message();
  const auto defaults = ParsePipelineConfig("");
  ASSERT_TRUE(defaults.ok());
  EXPECT_EQ(shipped->canonical, defaults->canonical);
}

TEST(PipelineConfig, EveryShippedKeyChangesTheCanonicalText) {
  const auto defaults = ParsePipelineConfig("");
  ASSERT_TRUE(defaults.ok());
  for (const char* line :
       {"language = \"de\"", "sr_class = \"enhanced\"", "write_seg = false",
        "write_pictures = false", "write_pdf = true", "name_on_pages = false", "max_key_images = 3",
        "lesion_probability = 0.6", "indeterminate_probability = 0.2",
        "hand_foot_lesion_probability = 0.9", "min_lesion_ml = 0.4", "inference = \"opencv\""}) {
    const auto changed = ParsePipelineConfig(std::string("[pipeline]\n") + line);
    ASSERT_TRUE(changed.ok()) << changed.error().message();
    EXPECT_NE(changed->canonical, defaults->canonical) << line;
  }
}

TEST(PipelineConfig, WrongInputIsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"[pipeline]\nlanguag = \"de\"", "'language'"},
      {"[pipeline]\nmin_stations = 2", "is a selection rule now"},
      {"[pipeline]\nlanguage = \"fr\"", "\"en\", \"de\""},
      {"[pipeline]\nlesion_probability = 2.0", "from 0.01 to 0.99"},
      {"[pipeline]\nwrite_pdf = 1", "true or false"},
      {"[pipeline]\nmax_key_images = 100", "0 to 99"},
      {"[pipeline]\nlesion_probability = 0.1", "indeterminate_probability"},
      {"[pipeline", "line 1"},
      {"pipeline = 3", "must be a table"}};
  for (const auto& [text, words] : cases) {
    const auto config = ParsePipelineConfig(text);
    ASSERT_FALSE(config.ok()) << text;
    EXPECT_EQ(config.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(config.error().message(), HasSubstr(words)) << text;
  }
}

TEST(PipelineConfig, AMissingFileIsNamed) {
  const auto config = LoadPipelineConfig("no/such/file.toml");
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(config.error().message(), HasSubstr("no/such/file.toml"));
}

}  // namespace
}  // namespace osteon
