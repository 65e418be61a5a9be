// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/key_allow_list.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zmq.h>

#include <fstream>

namespace osteon::plugin {
namespace {

using std::filesystem::path;

struct KeyPair {
  KeyPair() { zmq_curve_keypair(public_key, secret_key); }
  std::string Binary() const {
    std::string bytes(32, '\0');
    zmq_z85_decode(reinterpret_cast<std::uint8_t*>(bytes.data()), public_key);
    return bytes;
  }
  char public_key[41] = {};
  char secret_key[41] = {};
};

class KeyAllowListTest : public testing::Test {
 protected:
  KeyAllowListTest()
      : file(path(testing::TempDir()) / fmt::format("osteon_allowed_workers_{}.txt", ::getpid())) {
    std::filesystem::remove(file);
  }
  ~KeyAllowListTest() override { std::filesystem::remove(file); }

  // Each write gets a later time stamp, since those of the disk may be too coarse.
  void Write(const std::string& text) {
    std::ofstream(file) << text;
    std::filesystem::last_write_time(
        file, std::filesystem::file_time_type(std::chrono::seconds(++writes_)));
  }
  std::vector<std::string> Request(const std::string& credentials,
                                   const std::string& mechanism = "CURVE") {
    return {"1.0", "id", "osteon", "10.0.0.7", "", mechanism, credentials};
  }

  path file;

 private:
  int writes_ = 1'000'000;
};

TEST_F(KeyAllowListTest, OnlyListedKeysMayConnectAndTheListIsReadAgain) {
  const KeyPair alice;
  const KeyPair bob;
  Write(std::string(alice.public_key) + " alice\n");
  KeyAllowList allow_list(file);
  EXPECT_EQ(allow_list.NameOf(alice.public_key), "alice");
  EXPECT_FALSE(allow_list.NameOf(bob.public_key));
  Write(std::string(bob.public_key) + " bob\n");
  EXPECT_FALSE(allow_list.NameOf(alice.public_key));
  EXPECT_EQ(allow_list.NameOf(bob.public_key), "bob");
}

TEST_F(KeyAllowListTest, ABrokenOrMissingListLeavesTheLastGoodOne) {
  const KeyPair alice;
  Write(std::string(alice.public_key) + " alice\n");
  KeyAllowList allow_list(file);
  ASSERT_TRUE(allow_list.NameOf(alice.public_key));
  Write("this is no key\n");
  EXPECT_TRUE(allow_list.NameOf(alice.public_key));
  EXPECT_FALSE(allow_list.Trouble().empty());
  std::filesystem::remove(file);
  EXPECT_TRUE(allow_list.NameOf(alice.public_key));
  KeyAllowList fresh(file);
  EXPECT_FALSE(fresh.NameOf(alice.public_key)) << "no list: nobody";
}

TEST_F(KeyAllowListTest, ZapAnswers) {
  const KeyPair alice;
  Write(std::string(alice.public_key) + " alice\n");
  KeyAllowList allow_list(file);
  EXPECT_EQ(AnswerZap(Request(alice.Binary()), allow_list).reply,
            (std::vector<std::string>{"1.0", "id", "200", "OK", alice.public_key, ""}));
  EXPECT_EQ(AnswerZap(Request(KeyPair().Binary()), allow_list).reply[2], "400");
  EXPECT_EQ(AnswerZap(Request("", "NULL"), allow_list).reply[2], "400");
  EXPECT_EQ(AnswerZap(Request("short"), allow_list).reply[2], "400");
  EXPECT_EQ(AnswerZap({"1.0", "id"}, allow_list).reply[2], "500");
  EXPECT_EQ(AnswerZap({}, allow_list).reply[2], "500");
}

}  // namespace
}  // namespace osteon::plugin
