// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/foreign_text.h"

#include <gtest/gtest.h>

namespace osteon {
namespace {

TEST(ForeignText, LeavesOutWhatIsQuoted) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"std::bad_alloc", "std::bad_alloc"},
      {"unexpected end; last read: '{\"PatientName\": \"Doe^Jane'",
       "unexpected end; last read: '...'"},
      {"key \"Doe^Jane\" not found at 7", "key '...' not found at 7"},
      {"bad `Doe' here", "bad '...' here"},
      {"name 'O'Brien' is too long", "name '...' is too long"},
      {"cannot read 'Doe^Jane", "cannot read '...'"},
      {"can't read a file", "can't read a file"},
      {"two\nlines\x1b[31m \xc3\xa4", "two lines [31m   "},
      {"", ""},
  };
  for (const auto& [what, said] : cases) EXPECT_EQ(ForeignText(what), said);
}

TEST(ForeignText, IsShort) {
  EXPECT_EQ(ForeignText(std::string(1000, 'x')).size(), 300U);
  EXPECT_EQ(ForeignText(std::string(298, ' ') + "'Doe'"), std::string(298, ' ') + "'.");
}

}  // namespace
}  // namespace osteon
