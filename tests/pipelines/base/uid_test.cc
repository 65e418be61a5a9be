// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/uid.h"

#include <gtest/gtest.h>

#include <set>

namespace osteon {
namespace {

TEST(DeriveUid, IsTheSameForTheSameSeedAndRoleOnly) {
  EXPECT_EQ(DeriveUid("job", "sr"), DeriveUid("job", "sr"));
  EXPECT_NE(DeriveUid("job", "sr"), DeriveUid("job", "seg"));
  // Where the seed ends and the role begins matters.
  EXPECT_NE(DeriveUid("job", "sr"), DeriveUid("jobs", "r"));
}

TEST(DeriveUid, IsAUidAndNeverMeetsAnother) {
  std::set<std::string> seen;
  for (int n = 0; n < 2000; ++n) {
    const std::string uid = DeriveUid(std::to_string(n), "sr");
    EXPECT_TRUE(IsUid(uid)) << uid;
    EXPECT_LE(uid.size(), 44U);
    EXPECT_TRUE(seen.insert(uid).second);
  }
}

// Known value, worked out with Python: uuid.UUID(bytes=sha256(b"seed\0role")[:16], version=5).int
TEST(DeriveUid, DoesNotChangeBetweenReleases) {
  EXPECT_EQ(DeriveUid("seed", "role"), "2.25.6230673636497940877506772503579432048");
}

TEST(IsUid, KnowsTheRulesOfPartFive) {
  for (const char* good : {"1.2.840.10008.1.2", "2.25.0", "0.0"}) EXPECT_TRUE(IsUid(good)) << good;
  const std::string long_uid = "1." + std::string(63, '1');
  for (const std::string& bad :
       {std::string(), std::string("1..2"), std::string("1.02"), std::string("1.a"),
        std::string("1."), std::string(".1"), std::string("1 .2"), long_uid}) {
    EXPECT_FALSE(IsUid(bad)) << bad;
  }
}

}  // namespace
}  // namespace osteon
