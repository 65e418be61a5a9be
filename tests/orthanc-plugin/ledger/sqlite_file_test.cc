// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/orthanc-plugin/ledger/ledger_fixture.h"

namespace osteon::plugin {
namespace {

class SqliteFile : public LedgerFixture {
 protected:
  SqliteFile() : LedgerFixture(Database::kSqlite) {}
};

TEST_F(SqliteFile, OthersCannotReadIt) {
  struct stat status = {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(SqliteFile, OneThatIsNoLedgerIsNamedDamaged) {
  const std::string other = (folder() / "other").string();
  std::FILE* file = std::fopen(other.c_str(), "w");
  for (int i = 0; i < 1000; ++i) std::fputs("this is no database ", file);
  std::fclose(file);
  const auto opened = OpenSqliteJobStore(other, clock.now_ms);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), ErrorCode::kInternal);
  EXPECT_NE(opened.error().message().find("damaged"), std::string::npos);
}

}  // namespace
}  // namespace osteon::plugin
