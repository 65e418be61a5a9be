// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/protocol/curve_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace osteon::protocol {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

const std::string kA = "#bcdefghijklmnopqrstuvwxyz0123456789.-:+";  // '#' may start a key.
const std::string kB = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";

class CurveKeyFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "osteon-key-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(CurveKeyFile, WrittenAndReadBack) {
  const fs::path secret = folder_ / "w.key";
  const fs::path shared = folder_ / "w.pub";
  ASSERT_TRUE(CreateSecretKeyFile(secret, {kA, kB}));
  ASSERT_TRUE(CreatePublicKeyFile(shared, {kA, "ward 1"}));
  EXPECT_EQ(fs::status(secret).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const Result<CurveKeyPair> keys = LoadSecretKeyFile(secret);
  ASSERT_TRUE(keys) << keys.error().message();
  EXPECT_EQ(keys->public_key, kA);
  EXPECT_EQ(keys->secret_key, kB);
  const auto list = LoadPublicKeyFile(shared);
  ASSERT_TRUE(list) << list.error().message();
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ((*list)[0].key, kA);
  EXPECT_EQ((*list)[0].name, "ward 1");
}

TEST_F(CurveKeyFile, IsNeverOverwritten) {
  const fs::path path = folder_ / "w.key";
  ASSERT_TRUE(CreateSecretKeyFile(path, {kA, kB}));
  const Status second = CreateSecretKeyFile(path, {kB, kA});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message(), HasSubstr("w.key: File exists"));
  EXPECT_EQ(LoadSecretKeyFile(path)->secret_key, kB);
}

TEST_F(CurveKeyFile, OpenToOthersIsRefused) {
  const fs::path path = folder_ / "w.key";
  ASSERT_TRUE(CreateSecretKeyFile(path, {kA, kB}));
  for (const mode_t mode : {0640U, 0604U, 0660U, 0644U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto keys = LoadSecretKeyFile(path);
    ASSERT_FALSE(keys) << std::oct << mode;
    EXPECT_EQ(keys.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(keys.error().message(), HasSubstr("chmod 600"));
  }
}

TEST_F(CurveKeyFile, AnAllowListEveryoneMayWriteIsRefused) {
  const fs::path path = folder_ / "workers";
  ASSERT_TRUE(CreatePublicKeyFile(path, {kA, "w"}));
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  EXPECT_THAT(LoadPublicKeyFile(path).error().message(), HasSubstr("every user may write"));
}

TEST_F(CurveKeyFile, MissingIsUnavailable) {
  EXPECT_EQ(LoadSecretKeyFile(folder_ / "none").error().code(), ErrorCode::kUnavailable);
}

TEST(CurveKeyText, PublicKeys) {
  const auto keys = ParsePublicKeyFile("# workers\n#\n\n" + kA + " one\r\n  " + kB + "\n");
  ASSERT_TRUE(keys) << keys.error().message();
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_EQ((*keys)[0].key, kA);
  EXPECT_EQ((*keys)[0].name, "one");
  EXPECT_EQ((*keys)[1].key, kB);
  EXPECT_EQ((*keys)[1].name, "");
}

TEST(CurveKeyText, ErrorsNameTheLineAndNotTheKey) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "needs one line"},
      {"public " + kA + "\n", "needs one line"},
      {"public " + kA + "\nsecret short\n", "line 2: not a key"},
      {"public " + kA + "\npublic " + kB + "\n", "line 2: given twice"},
      {"\nsecrt " + kB + "\n", "line 2: expected"},
      {"secret " + kB + "x\n", "line 1: not a key"},
      {"secret " + kB.substr(1) + "~\n", "line 1: not a key"},
  };
  for (const auto& [text, error] : cases) {
    const auto keys = ParseSecretKeyFile(text);
    ASSERT_FALSE(keys) << text;
    EXPECT_THAT(keys.error().message(), HasSubstr(error));
    EXPECT_EQ(keys.error().message().find(kB.substr(1)), std::string::npos);
  }
}

TEST(LocalEndpoint, OnlyThisMachine) {
  const std::vector<std::pair<const char*, bool>> cases = {
      {"ipc:///run/osteon.sock", true},
      {"tcp://127.0.0.1:5742", true},
      {"tcp://127.3.2.1:1", true},
      {"tcp://localhost:5742", true},
      {"tcp://[::1]:5742", true},
      {"tcp://10.0.0.1:5742", false},
      {"tcp://127.evil.example:1", false},
      {"tcp://localhost.evil.example:1", false},
      {"tcp://*:5742", false},
      {"tcp://0.0.0.0:5742", false},
      {"udp://127.0.0.1:1", false},
      {"", false},
  };
  for (const auto& [endpoint, local] : cases)
    EXPECT_EQ(IsLocalEndpoint(endpoint), local) << endpoint;
}

}  // namespace
}  // namespace osteon::protocol
