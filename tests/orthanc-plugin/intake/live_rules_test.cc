// SPDX-License-Identifier: GPL-3.0-or-later
// Selection rules that change while the plugin runs.
#include "orthanc-plugin/intake/live_rules.h"

#include <fmt/core.h>

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>

#include "orthanc-plugin/intake/explain.h"
#include "tests/orthanc-plugin/intake/intake_fixture.h"

namespace osteon::plugin {
namespace {

class RulesFile {
 public:
  RulesFile() { Write("{}"); }
  ~RulesFile() { std::filesystem::remove(path()); }
  RulesFile(const RulesFile&) = delete;
  RulesFile& operator=(const RulesFile&) = delete;

  std::filesystem::path path() const {
    return std::filesystem::path(testing::TempDir()) /
           fmt::format("osteon_rules_{}.json", ::getpid());
  }
  // Each time a second later, as an editor would.
  void Write(const std::string& text) {
    std::ofstream(path()) << text;
    std::filesystem::last_write_time(
        path(), std::filesystem::file_time_type(std::chrono::seconds(++time_)));
  }

 private:
  int time_ = 0;
};

TEST(LiveRules, FollowTheFileAndKeepTheLastGoodOnes) {
  RulesFile file;
  LiveRules rules(*LoadRulesFile(file.path()), file.path());
  const auto first = rules.Get();
  EXPECT_EQ(rules.Get(), first) << "nothing changed";
  file.Write(R"({"Words": {"LeaveOut": ["research"]}})");
  const auto second = rules.Get();
  EXPECT_NE(second->hash, first->hash);
  EXPECT_EQ(rules.Trouble(), "");
  struct Case {
    const char* text;
    const char* why;
  };
  const auto keeps_the_second = [&](const char* why) {
    EXPECT_EQ(rules.Get(), second) << why;
    EXPECT_NE(rules.Trouble().find(why), std::string::npos) << rules.Trouble();
    EXPECT_NE(rules.Trouble().find(file.path().string()), std::string::npos) << rules.Trouble();
  };
  for (const Case& c : {Case{R"({"Word": {}})", "'Word' is not known; did you mean 'Words'"},
                        Case{R"({"Words": {"LeaveOut": [)", "not a JSON object"}}) {
    file.Write(c.text);
    keeps_the_second(c.why);
  }
  std::filesystem::remove(file.path());
  keeps_the_second("cannot be read");
  file.Write("{}");
  EXPECT_EQ(rules.Get()->hash, first->hash);
  EXPECT_EQ(rules.Trouble(), "");
}

TEST(LiveRules, WithoutAFileNeverChange) {
  LiveRules rules(DefaultRules(), {});
  EXPECT_EQ(rules.Get()->hash, DefaultRules().hash);
  EXPECT_EQ(rules.Trouble(), "");
}

using IntakeRules = IntakeFixture;

TEST_F(IntakeRules, WhatWaitsIsJudgedAgainAndWhatIsDecidedIsNot) {
  AddStudy("a");
  Settle();
  ASSERT_EQ(Latest("a").state, JobState::kReady);
  const auto without_stir = ParseRules(R"({"Words": {"LeaveOut": ["stir*"]}})");
  ASSERT_TRUE(without_stir.ok());
  site = *without_stir;
  Round();
  EXPECT_EQ(Latest("a").state, JobState::kSkipped);
  site = DefaultRules();
  Round();
  EXPECT_EQ(Latest("a").state, JobState::kSkipped) << "that would be a backfill";
}

TEST_F(IntakeRules, HowEachSeriesWasJudgedStaysWithTheDecision) {
  const auto now = [this] {
    const auto text = Explain(archive, *ledger.store, site, {}, "1.2.3.a", clock.now_ms);
    return nlohmann::json::parse(**text)["series"];
  };
  Round();
  AddStudy("a");
  Settle();
  const auto then = now();
  ASSERT_EQ(then.size(), 1U);
  EXPECT_TRUE(then[0]["taken"]);
  const JobId first = Latest("a").id;
  Finish(first);
  site = *ParseRules(R"({"Words": {"LeaveOut": ["stir*"]}})");
  AddReport("a");
  Settle();
  EXPECT_NE(now()[0], then[0]);
  EXPECT_EQ(now().size(), 2U);
  std::vector<nlohmann::json> kept;
  const auto history = ledger.store->History(first);
  for (const HistoryRow& row : *history)
    if (!row.series.empty()) kept.push_back(nlohmann::json::parse(row.series));
  EXPECT_EQ(kept, std::vector<nlohmann::json>{then});
}

}  // namespace
}  // namespace osteon::plugin
