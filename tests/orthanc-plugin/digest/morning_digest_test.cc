// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/digest/morning_digest.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

#include "orthanc-plugin/digest/digest_words.h"
#include "pipelines/base/moment.h"

namespace osteon::plugin {
namespace {

constexpr UnixMs kSecondMs = 1'000;
constexpr UnixMs kHourMs = 3'600'000;

class DigestTest : public testing::Test {
 protected:
  DigestTest() {
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    now_ms = *ParseMoment("2026-11-30T07:00", 0);
    period = {now_ms - 24 * kHourMs, now_ms + 1};
    rows.born_ms = now_ms - 1'000 * kHourMs;
  }

  Job& Add(JobState state, UnixMs hours_ago, const std::string& reason,
           const std::string& actor = "intake") {
    Job job;
    job.id = static_cast<JobId>(rows.jobs.size()) + 1;
    job.state = state;
    job.updated_ms = job.created_ms = now_ms - hours_ago * kHourMs;
    job.reason = reason;
    job.actor = actor;
    job.study_uid = "1.2.3";
    rows.jobs.push_back(job);
    return rows.jobs.back();
  }
  void Ended(JobId job, const std::string& worker, UnixMs took_s, JobState to) {
    rows.ended.push_back(
        {job, worker, now_ms - kHourMs - took_s * kSecondMs, now_ms - kHourMs, to});
  }
  MorningDigest Make() const { return MakeDigest(rows, period, live, now_ms); }
  std::string Text() const { return DigestText(Make(), now_ms); }

  UnixMs now_ms = 0;
  Period period;
  PeriodRows rows;
  LiveState live;
};

TEST_F(DigestTest, ANightIsToldToTheLine) {
  live.workers = {{"w1", "1.0.0", "hash", 2, 1, 0, 0, false, ""}};
  for (int i = 0; i < 4; ++i) Add(JobState::kDone, 3, "stored");
  Add(JobState::kNotEvaluable, 2, "the skeleton could not be located");
  Add(JobState::kStuck, 4,
      "decode: Pixel Data (7FE0,0010) has 10 bytes; check the images; send them again when they "
      "are damaged, or skip the job")
      .error_code = "invalid_input";
  Add(JobState::kStuck, 30, "2 analyses were lost").error_code = "internal";
  Add(JobState::kSkipped, 3, "covers 400 mm head to foot, a whole body needs 700 mm");
  Add(JobState::kSkipped, 3, "covers 410 mm head to foot, a whole body needs 700 mm");
  Add(JobState::kSkipped, 3, "not an MRI study: it has only CT");
  Add(JobState::kSkipped, 3, "Meier, Anna is elsewhere", "operator bob");
  Add(JobState::kReady, 1, "");
  Add(JobState::kCollecting, 1, "");
  for (int i = 0; i < 4; ++i) Ended(i + 1, i == 3 ? "w2" : "w1", 10 + i, JobState::kDone);
  Ended(5, "w1", 9, JobState::kNotEvaluable);
  Ended(6, "w1", 2, JobState::kStuck);
  rows.took_ms = {60 * kSecondMs};
  EXPECT_EQ(Text(),
            "Osteon from Sun 2026-11-29 07:00 to Mon 2026-11-30 07:00 (UTC+0100)\n"
            "\n"
            "What needs you\n"
            "  2 stuck\n"
            "    job 7, since Sun 2026-11-29 01:00: 2 analyses were lost\n"
            "      -> a defect of Osteon: keep the study and report it, with the worker's log\n"
            "    job 6, since Mon 2026-11-30 03:00: decode: Pixel Data (7FE0,0010) has 10 bytes\n"
            "      -> check the images; send them again when they are damaged, or skip the job\n"
            "  1 not evaluable\n"
            "    job 5, Mon 2026-11-30 05:00: the skeleton could not be located\n"
            "      -> this is not a negative result: a radiologist must read these images\n"
            "\n"
            "What happened\n"
            "  4 done\n"
            "  1 not evaluable\n"
            "  1 stuck\n"
            "  4 skipped\n"
            "    2  covers ... mm head to foot, a whole body needs ... mm (last job 9)\n"
            "    1  not an MRI study: it has only CT (job 10)\n"
            "    1  set aside by an operator (job 11)\n"
            "  0 cancelled\n"
            "  slowest: job 4 13 s (w2), job 3 12 s (w1), job 2 11 s (w1)\n"
            "  workers:\n"
            "    w1: 4 reports, 1 failed; here with 2 slots\n"
            "    w2: 1 report; not here now, last heard of Mon 2026-11-30 06:00\n"
            "\n"
            "The queue now\n"
            "  1 ready, 0 with a worker, 0 to be tried again; 1 still collecting\n"
            "  the oldest has been here for 1 h\n"
            "  empty about Mon 2026-11-30 07:00, in 30 s (1 min a study, measured on 1 analysis)\n"
            "\n"
            "For research and assistance. Every report is unverified until a radiologist has "
            "confirmed it.\n");
  EXPECT_EQ(DigestHeadline(Make()),
            "Osteon: 3 need you; 4 done, 1 not evaluable, 1 stuck, 4 skipped");
  const auto json = nlohmann::json::parse(DigestJson(Make(), now_ms));
  EXPECT_EQ(json["needs_you"], 3);
  EXPECT_EQ(json["jobs"]["done"], 4);
  EXPECT_EQ(json["jobs"]["stuck"], 1);
  EXPECT_EQ(json["stuck"].size(), 2U);
  EXPECT_EQ(json["stuck"][1]["cause"], "decode: Pixel Data (7FE0,0010) has 10 bytes");
  EXPECT_EQ(json["text"], Text());
  EXPECT_EQ(json.dump().find("Meier"), std::string::npos) << "no text that an operator typed";
  EXPECT_EQ(json.dump().find("1.2.3"), std::string::npos) << "no UID";
}

TEST_F(DigestTest, CopiesThatFailedAreListedByJobAndNode) {
  rows.copies_failed = 4;
  rows.failed_copies = {{7, "ARCHIVE", "failed", 5, 0, "C-STORE to 10.0.0.9 failed"},
                        {7, "PACS", "failed", 5, 0, ""},
                        {3, "PACS", "failed", 5, 0, ""}};
  EXPECT_NE(Text().find("  4 copies have not reached their nodes\n"
                        "    job 7: ARCHIVE, PACS\n"
                        "    job 3: PACS\n"
                        "    and 1 more, of older jobs\n"
                        "      -> repair the node, then 'send again' in the job's story on the "
                        "page\n"),
            std::string::npos)
      << Text();
  const auto json = nlohmann::json::parse(DigestJson(Make(), now_ms));
  EXPECT_EQ(json["needs_you"], 1) << "all copies are one thing";
  EXPECT_EQ(json["copies_failed"], 4);
  EXPECT_EQ(json["uncopied"].dump(),
            R"([{"job":7,"nodes":["ARCHIVE","PACS"]},{"job":3,"nodes":["PACS"]}])");
}

TEST_F(DigestTest, OneCopyThatFailedIsOne) {
  rows.copies_failed = 1;
  rows.failed_copies = {{3, "PACS", "failed", 5, 0, ""}};
  EXPECT_NE(Text().find("  1 copy has not reached its node\n    job 3: PACS\n      ->"),
            std::string::npos)
      << Text();
}

TEST_F(DigestTest, AQuietNightNeedsNobody) {
  const std::string text = Text();
  EXPECT_NE(text.find("What needs you\n  nothing\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  no worker was seen\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  it is empty\n"), std::string::npos) << text;
  EXPECT_EQ(DigestHeadline(Make()),
            "Osteon: nothing needs you; 0 done, 0 not evaluable, 0 stuck, 0 skipped");
}

TEST_F(DigestTest, AHoldStandsOnTop) {
  Add(JobState::kReady, 5, "");
  Add(JobState::kReady, 1, "");
  live.workers = {{"w1", "1.0.0", "hash", 1, 1, 0, 0, false, ""}};
  rows.took_ms = {60 * kSecondMs};
  rows.hold = {HoldKind::kPause, now_ms - 2 * kHourMs, "operator bob", "Meier moves"};
  std::string text = Text();
  EXPECT_NE(text.find("  paused since Mon 2026-11-30 05:00: nothing is handed out\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  empty: unknown, paused; 'osteon resume' goes on\n"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("Meier"), std::string::npos);
  rows.hold.kind = HoldKind::kDrain;
  text = Text();
  EXPECT_NE(text.find("  draining since Mon 2026-11-30 05:00: nothing that came later is handed"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  1 of them came after the drain began\n"), std::string::npos) << text;
  EXPECT_NE(text.find(", in 1 min (1 min a study"), std::string::npos)
      << "the drain holds back the newer job\n"
      << text;
}

TEST_F(DigestTest, APeriodBeginsNotBeforeTheLedger) {
  rows.born_ms = now_ms - 2 * kHourMs;
  EXPECT_EQ(Make().period.since_ms, rows.born_ms);
  EXPECT_EQ(Make().period.until_ms, now_ms);
}

TEST_F(DigestTest, ALongListIsCut) {
  for (int i = 0; i < 60; ++i) Add(JobState::kStuck, 1, "cause").error_code = "internal";
  const std::string text = Text();
  EXPECT_NE(text.find("  60 stuck\n"), std::string::npos);
  EXPECT_NE(text.find("    and 10 more: osteon jobs --state stuck\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace osteon::plugin
