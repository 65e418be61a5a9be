// SPDX-License-Identifier: GPL-3.0-or-later
// osteond.toml changes while osteond runs.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "tests/daemon/worker/loop_fixture.h"

namespace osteon {
namespace {

using protocol::Failed;
using protocol::Hello;
using protocol::Job;
using protocol::Ready;
using protocol::ResultManifest;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr const char* kOld = "[pipeline]\nlanguage = \"en\"\n";
constexpr const char* kNew = "[pipeline]\nlanguage = \"de\"\n";

class SettingsTest : public testing::LoopFixture {
 protected:
  fs::path file() const { return folder() / "osteond.toml"; }
  std::string Text() const {
    std::ifstream stream(file());
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  // As most editors: a new file in the place of the old one.
  void Write(const std::string& text) const {
    std::ofstream(folder() / "new.toml") << text;
    fs::rename(folder() / "new.toml", file());
  }
  void Replace(const std::string& old_part, const std::string& new_part) const {
    std::string text = Text();
    const std::size_t at = text.find(old_part);
    ASSERT_NE(at, std::string::npos) << text;
    Write(text.replace(at, old_part.size(), new_part));
  }
  std::optional<Hello> AwaitHello(const std::string& hash) {
    return plugin_->Await<Hello>([&](const Hello& h) { return h.pipeline_hash == hash; });
  }
  Job GiveFor(const std::string& id, const std::string& command, const std::string& hash) {
    Job job = testing::JobOf(id, 1, {command, "second instance"});
    job.pipeline_hash = hash;
    plugin_->Give(job, {command, "second instance"});
    return job;
  }
  bool AwaitTrouble(const std::string& words) {
    return plugin_
        ->Await<Ready>([&](const Ready& r) {
          return words.empty() ? r.trouble.empty() : r.trouble.find(words) != std::string::npos;
        })
        .has_value();
  }
};

TEST_F(SettingsTest, AChangeIsToldBeforeItIsUsedAndARunningStudyKeepsWhatItBeganWith) {
  Start("slots = 2\n", kOld);
  const fs::path gate = folder() / "gate";
  const Job running = GiveFor("17", "wait " + gate.string(), Sha256Hex(kOld));
  ASSERT_TRUE(AwaitRunning(running));
  Replace(kOld, kNew);
  ASSERT_TRUE(AwaitHello(Sha256Hex(kNew)));
  ASSERT_TRUE(plugin_->Await<Ready>([](const Ready& r) { return r.free_slots == 1; }));
  std::ofstream(gate) << "open";
  const auto kept = plugin_->AwaitResult();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->manifest.fingerprint, running.fingerprint);
  plugin_->Send(protocol::Committed{running.lease});
  const Job next = GiveFor("18", "tell", Sha256Hex(kNew));
  const auto told = plugin_->Await<ResultManifest>();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->lease, next.lease);
  EXPECT_EQ(told->reason, kNew);
}

TEST_F(SettingsTest, AJobOfTheSettingsBeforeIsGivenBackAtOnce) {
  Start("", kOld);
  Replace(kOld, kNew);
  ASSERT_TRUE(AwaitHello(Sha256Hex(kNew)));
  const Job late = GiveFor("17", "tell", Sha256Hex(kOld));
  const auto failed = plugin_->Await<Failed>();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->lease, late.lease);
  EXPECT_EQ(failed->code, ErrorCode::kCancelled) << "ready again, nothing counted against it";
  plugin_->Send(protocol::Committed{late.lease});
  GiveFor("18", "tell", "");
  EXPECT_TRUE(plugin_->Await<ResultManifest>()) << "an older plugin does not say of which settings";
}

TEST_F(SettingsTest, ABadFileIsToldAndTheLastGoodSettingsStay) {
  Start("", kOld);
  const std::string good = Text();
  const auto still_old = [&](const char* id) {
    const Job job = GiveFor(id, "tell", Sha256Hex(kOld));
    const auto told = plugin_->Await<ResultManifest>();
    ASSERT_TRUE(told);
    EXPECT_EQ(told->reason, kOld);
    plugin_->Send(protocol::Committed{job.lease});
  };
  Write("[worker]\nslot = 2\n");
  ASSERT_TRUE(AwaitTrouble("unknown key 'slot' in [worker], the nearest known one is 'slots'"));
  still_old("17");
  Write(good + "bad\n");
  ASSERT_TRUE(AwaitTrouble(file().string() + ": "));
  still_old("18");
  Replace("bad\n", "# bad\n");
  ASSERT_TRUE(AwaitTrouble(file().string() + ": line 9: 'bad' is not known"));
  still_old("19");
  fs::remove(file());
  ASSERT_TRUE(AwaitTrouble("osteond.toml: No such file"));
  still_old("20");
  Write(good);
  ASSERT_TRUE(AwaitTrouble(""));
  EXPECT_THAT(worker_->Log(), HasSubstr("the last good ones stay in force"));
}

TEST_F(SettingsTest, SlotsAndLimitsChangeAndOtherKeysAskForARestart) {
  Start("slots = 1\n");
  Replace("slots = 1\n", "slots = 3\nlog_level = \"debug\"\n[limits]\nmax_study_mib = 1\n");
  ASSERT_TRUE(plugin_->Await<Hello>([](const Hello& h) { return h.slots == 3; }));
  ASSERT_TRUE(plugin_->Await<Ready>([](const Ready& r) { return r.free_slots == 3; }));
  const std::string large(2 << 20, 'x');
  plugin_->Give(testing::JobOf("17", 1, {large}), {large});
  const auto failed = plugin_->Await<Failed>();
  ASSERT_TRUE(failed);
  EXPECT_THAT(failed->message, HasSubstr("max_study_mib = 1"));
  EXPECT_THAT(worker_->Log(), HasSubstr("what changed in log_level needs a restart of osteond"));
}

TEST_F(SettingsTest, NetworksThatWereReplacedFailTheStudyInsteadOfChangingIt) {
  const fs::path models = folder() / "models";
  fs::create_directory(models);
  std::ofstream(models / "card") << "first";
  Start("model_dir = \"" + models.string() + "\"\n");
  std::ofstream(models / "card") << "second";
  const Job job = GiveFor("17", "tell", Sha256Hex("first"));
  const auto failed = plugin_->Await<Failed>();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->lease, job.lease);
  EXPECT_EQ(failed->code, ErrorCode::kUnavailable) << "tried again later";
  EXPECT_THAT(failed->message, HasSubstr("the networks in model_dir were changed"));
}

TEST_F(SettingsTest, CopiesOfAnEarlierStartAreRemoved) {
  Start("", kOld);
  Replace(kOld, kNew);
  ASSERT_TRUE(AwaitHello(Sha256Hex(kNew)));
  KillWorker();
  Write(Text() + "# another\n");
  worker_.reset();
  const auto copies = [&] {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(folder() / "spool"))
      count += entry.path().filename().string().starts_with("settings-") ? 1 : 0;
    return count;
  };
  EXPECT_EQ(copies(), 2);
  Start("", kOld);
  EXPECT_EQ(copies(), 1);
}

}  // namespace
}  // namespace osteon
