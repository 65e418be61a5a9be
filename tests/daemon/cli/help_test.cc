// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/help.h"

#include <gtest/gtest.h>

namespace osteon::cli {
namespace {

TEST(Words, NamesWhatIsNear) {
  const std::vector<std::string_view> known = {"analyze", "jobs", "status"};
  struct Case {
    const char* typed;
    const char* words;
  };
  const Case cases[] = {{"analize", "; did you mean 'analyze'?"},
                        {"analyse", "; did you mean 'analyze'?"},
                        {"statsu", "; did you mean 'status'?"},
                        {"job", "; did you mean 'jobs'?"},
                        {"restore", ""},
                        {"frobnicate", ""}};
  for (const Case& c : cases) EXPECT_EQ(DidYouMean(c.typed, known), c.words) << c.typed;
  EXPECT_EQ(DidYouMean("jobs", {}), "");
}

enum class Fruit { kApple = 3, kPear = 7 };

struct Line {
  CLI::App app{"", "osteon"};
  Fruit fruit = Fruit::kApple;
  int many = 1;
  Line() {
    app.formatter(std::make_shared<PlainHelp>());
    app.require_subcommand(1);
    CLI::App* buy = app.add_subcommand("buy", "");
    buy->add_option("--fruit", fruit, "")
        ->transform(OneOf<Fruit>({{"apple", Fruit::kApple}, {"pear", Fruit::kPear}}));
    buy->add_option("--many", many, "")->check(CLI::Range(1, 9))->capture_default_str();
    app.add_subcommand("sell", "");
  }
  // The error message; empty when it is right.
  std::string Parse(const std::string& line) {
    try {
      app.parse(line, /*program_name_included=*/false);
    } catch (const CLI::Error& error) {
      return WhatIsWrong(app, error);
    }
    return {};
  }
};

TEST(Words, AnOptionTakesOneOfAFewWords) {
  Line line;
  EXPECT_EQ(line.Parse("buy --fruit pear"), "");
  EXPECT_EQ(line.fruit, Fruit::kPear);
  for (const char* typed : {"paer", "7"}) {
    const std::string wrong = Line().Parse(std::string("buy --fruit ") + typed);
    EXPECT_NE(wrong.find("is none of apple|pear"), std::string::npos) << wrong;
  }
}

TEST(Words, WhatWasMeantIsNamed) {
  EXPECT_EQ(Line().Parse("buu"), "there is no command 'buu'; did you mean 'buy'?");
  EXPECT_EQ(Line().Parse("buy --fruits pear"),
            "'buy' has no option '--fruits'; did you mean '--fruit'?");
  EXPECT_EQ(Line().Parse(""), "a command is needed");
  EXPECT_EQ(Line().Parse("--byu"), "there is no option '--byu'");
  EXPECT_EQ(Line().Parse("buy --many"), "--many needs a value");
  EXPECT_NE(Line().Parse("buy --many 10").find("--many"), std::string::npos);
}

TEST(Words, HelpHasNoInternalNames) {
  Line line;
  const std::string help = line.app.get_subcommand("buy")->help();
  EXPECT_NE(help.find("--fruit apple|pear"), std::string::npos) << help;
  EXPECT_NE(help.find("--many 1 to 9 (1)"), std::string::npos) << help;
  for (const char* internal : {"ENUM", "->", "INT", "TEXT:"})
    EXPECT_EQ(help.find(internal), std::string::npos) << help;
}

}  // namespace
}  // namespace osteon::cli
