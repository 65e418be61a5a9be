// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/print.h"

#include <gtest/gtest.h>

namespace osteon::cli {
namespace {

using Json = nlohmann::ordered_json;

TEST(Printable, NothingReachesTheTerminalAsACommand) {
  EXPECT_EQ(Printable("plain \xc3\xa9"), "plain \xc3\xa9");
  EXPECT_EQ(Printable("\x1b[31mred\a\n"), "?[31mred??");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m"),
            "??31m");
}

TEST(Cell, Values) {
  const Json object = {{"text", "a"}, {"number", 3}, {"flag", true}, {"nothing", nullptr}};
  EXPECT_EQ(Cell(object, "text"), "a");
  EXPECT_EQ(Cell(object, "number"), "3");
  EXPECT_EQ(Cell(object, "flag"), "yes");
  EXPECT_EQ(Cell(object, "nothing"), "");
  EXPECT_EQ(Cell(object, "missing"), "");
  EXPECT_EQ(Cell(Json("not an object"), "text"), "");
}

TEST(Table, ColumnsAlignAlsoWithUmlauts) {
  EXPECT_EQ(Table({"JOB", "WHO", "WHY"}, {{"1", "J\xc3\xbcrgen", "late"}, {"100", "Ann", ""}}),
            "JOB  WHO     WHY\n"
            "1    J\xc3\xbcrgen  late\n"
            "100  Ann\n");
}

TEST(Facts, NestedObjectsAndLists) {
  const Json status =
      Json::parse(R"({"version": "1", "trouble": [], "jobs": {"done": 2}, "empty": null,
                                      "workers": [{"name": "a", "free_slots": 1}], "notes": ["x", "y"]})");
  EXPECT_EQ(Facts(status),
            "version: 1\n"
            "trouble: none\n"
            "jobs:\n"
            "  done: 2\n"
            "workers:\n"
            "  - name: a\n"
            "    free slots: 1\n"
            "notes:\n"
            "  - x\n"
            "  - y\n");
}

}  // namespace
}  // namespace osteon::cli
