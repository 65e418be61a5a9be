// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "pipelines/settings/toml_table.h"

namespace osteon {
namespace {

using ::testing::HasSubstr;

TEST(WorkerConfig, EmptyIsAllDefaults) {
  const Result<WorkerConfig> config = ParseWorkerConfig("");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->slots, 1U);
  EXPECT_FALSE(config->name.empty());
}

TEST(WorkerConfig, TheShippedFileHoldsTheDefaults) {
  const char* source = std::getenv("OSTEON_SOURCE_DIR");
  ASSERT_NE(source, nullptr) << "run by ctest";
  const auto shipped = LoadWorkerConfig(std::filesystem::path(source) / "config" / "osteond.toml");
  ASSERT_TRUE(shipped) << shipped.error().message();
  const WorkerConfig defaults = ParseWorkerConfig("").value();
  EXPECT_EQ(shipped->slots, defaults.slots);
  EXPECT_EQ(shipped->threads, defaults.threads);
  EXPECT_EQ(shipped->spool_dir, defaults.spool_dir);
  EXPECT_EQ(shipped->drain_seconds, defaults.drain_seconds);
  EXPECT_EQ(shipped->endpoint, defaults.endpoint);
  EXPECT_EQ(shipped->metrics, defaults.metrics);
  EXPECT_EQ(shipped->offer_again_seconds, defaults.offer_again_seconds);
  EXPECT_EQ(shipped->receive_timeout_seconds, defaults.receive_timeout_seconds);
  EXPECT_EQ(shipped->limits.memory_bytes, defaults.limits.memory_bytes);
  EXPECT_EQ(shipped->limits.cpu_seconds, defaults.limits.cpu_seconds);
  EXPECT_EQ(shipped->limits.wall_seconds, defaults.limits.wall_seconds);
  EXPECT_EQ(shipped->max_study_bytes, defaults.max_study_bytes);
}

TEST(WorkerConfig, ReadsWhatIsGiven) {
  const auto config = ParseWorkerConfig(R"([worker]
name = "ward-2"
slots = 3
endpoint = "tcp://pacs.example:5742"
key_file = "/etc/osteon/w.key"
server_public_key_file = "/etc/osteon/server.pub"
log_level = "debug"
[limits]
memory_mib = 1024
[pipeline]
whatever = "the pipeline reads this itself"
)");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->name, "ward-2");
  EXPECT_EQ(config->slots, 3U);
  EXPECT_EQ(config->limits.memory_bytes, std::uint64_t{1} << 30);
  EXPECT_EQ(config->log_level, LogLevel::kDebug);
}

struct BadCase {
  const char* toml;
  const char* error;
};

// Found by tests/fuzz: undefined behaviour of toml++ 3.3.
TEST(WorkerConfig, RefusesCharactersThatTheParserCannotRead) {
  for (const char* text :
       {"\n\xEF\xBB\xB0# x", "\n\xEF\xAC\xA6", "\n[\xC3\x98\n", "\n\"\\\"\" \xC3\x98",
        "\n'\\' \xC3\x98", "a = \"\"\"x\\\n\xC3\x98\"\"\"", "\na = 31\"\xC3\x98\"",
        "\na = 3[\"\xC3\x98\"]", "\na = 3=\"\xC3\x98\"", "a = [\n3=\"\xC3\x98\"]",
        "\n[\"\xC3\x98\"]", "\na = {b = \"\xC3\x98\"}", "\na = \"\" \"\xC3\x98\""}) {
    const auto config = ParseWorkerConfig(text);
    ASSERT_FALSE(config) << text;
    EXPECT_THAT(config.error().message(), HasSubstr("line 2: has a character")) << text;
  }
}

TEST(WorkerConfig, TakesAnyLetterInQuotesAndComments) {
  const auto config = ParseWorkerConfig(
      "\xEF\xBB\xBF# f\xC3\xBCr\n[worker]\nspool_dir = \"/M\xC3\xBCller\" # \xC3\x98\n");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->spool_dir, "/M\xC3\xBCller");
  const auto list = ParseToml("a = [\n  'x', \"\xC3\x98\",\n  \"\xC3\x98\"] # \xC3\x98\nb = 1\n");
  ASSERT_TRUE(list) << list.error().message();
  EXPECT_EQ((*list)["a"].as_array()->size(), 3U);
}

TEST(WorkerConfig, ErrorsNameLineKeyAndWhatIsAllowed) {
  const BadCase cases[] = {
      {"[worker]\nslot = 2\n",
       "line 2: unknown key 'slot' in [worker], the nearest known one is 'slots'"},
      {"[worker]\n\nspool = \"/x\"\n", "line 3: unknown key 'spool' in [worker]"},
      {"[limit]\nmemory_mib = 1\n",
       "line 1: unknown table or key 'limit', the nearest known table is [limits]"},
      {"slots = 2\n", "unknown table or key 'slots'"},
      {"worker = 3\n", "[worker] must be a table"},
      {"[worker]\nslots = 0\n", "'slots' in [worker] must be a whole number from 1 to 64"},
      {"[worker]\nslots = 1.5\n", "'slots' in [worker] must be a whole number"},
      {"[worker]\nslots = \"2\"\n", "'slots' in [worker] must be a whole number"},
      {"[worker]\nname = 7\n", "'name' in [worker] must be a text"},
      {"[worker]\nname = \"two words\"\n", "'name' in [worker]"},
      {"[worker]\nlog_level = \"loud\"\n", "'log_level' in [worker] must be \"debug\""},
      {"[worker]\nspool_dir = \"spool\"\n", "'spool_dir' in [worker] must be an absolute path"},
      {"[worker]\nendpoint = \"tcp://10.1.2.3:5742\"\n", "make them with 'osteon keygen'"},
      {"[worker]\nkey_file = \"/k\"\n", "needs both 'key_file' and 'server_public_key_file'"},
      {"[limits]\nmemory_mib = -1\n", "'memory_mib' in [limits] must be a whole number"},
      {"[worker\n", "line 1: "},
      {"[=]\n", "line 1: "},  // Found by tests/fuzz.
      {"[worker]\nslots = 1\nslots = 2\n", "line 3: "},
  };
  for (const BadCase& c : cases) {
    SCOPED_TRACE(c.toml);
    const auto config = ParseWorkerConfig(c.toml);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(config.error().message(), HasSubstr(c.error));
  }
}

}  // namespace
}  // namespace osteon
