// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/receiver.h"

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "daemon/worker/spool.h"
#include "tests/daemon/worker/scratch.h"

namespace osteon {
namespace {

using protocol::kChunkBytes;
using testing::JobOf;
using testing::PieceOf;

class ReceiverTest : public ::testing::Test {
 protected:
  ReceiverTest() : spool_(Spool::Open(scratch_.path() / "spool").value()) {}

  // Answers one FETCH as the plugin would; `keep` decides which pieces arrive.
  void Answer(Receiver& receiver, const protocol::Job& job,
              const std::vector<std::string>& contents, const protocol::Fetch& fetch,
              const std::function<bool(int)>& keep = {}) {
    std::uint32_t instance = fetch.instance;
    std::uint64_t offset = fetch.offset;
    for (std::uint32_t i = 0; i < fetch.credit && instance < contents.size(); ++i) {
      if (!keep || keep(sent_++)) {
        ASSERT_TRUE(receiver.Take(PieceOf(job.lease, instance, contents[instance], offset)));
      }
      offset += kChunkBytes;
      if (offset >= contents[instance].size()) ++instance, offset = 0;
    }
  }

  // Until it is complete. A round without a request means that a piece was lost.
  void Drive(Receiver& receiver, const protocol::Job& job, const std::vector<std::string>& contents,
             const std::function<bool(int)>& keep = {}) {
    for (int round = 0; !receiver.Complete() && round < 10'000; ++round) {
      const auto fetch = receiver.NextFetch();
      if (!fetch) {
        receiver.AskAgain();
        continue;
      }
      receiver.MarkAsked(*fetch);
      Answer(receiver, job, contents, *fetch, keep);
    }
    ASSERT_TRUE(receiver.Complete());
  }

  std::string OnDisk(const std::filesystem::path& run, int instance) {
    return ReadFile(run / fmt::format("study/{:06}.dcm", instance), 1 << 30).value();
  }

  testing::ScratchFolder scratch_;
  Spool spool_;
  int sent_ = 0;
};

std::vector<std::string> SomeContents() {
  std::vector<std::string> contents;
  for (const std::size_t size : {std::size_t{1}, kChunkBytes - 1, kChunkBytes, kChunkBytes + 1,
                                 40 * kChunkBytes + 7, std::size_t{5}}) {
    std::string content(size, '\0');
    for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 31 + size);
    contents.push_back(std::move(content));
  }
  return contents;
}

TEST_F(ReceiverTest, EveryInstanceArrivesWhole) {
  const auto contents = SomeContents();
  const auto job = JobOf("1", 1, contents);
  const auto run = *spool_.BeginRun(job);
  Receiver receiver(job, run);
  EXPECT_FALSE(receiver.Complete());
  Drive(receiver, job, contents);
  EXPECT_EQ(receiver.fraction(), 1);
  for (std::size_t i = 0; i < contents.size(); ++i) {
    EXPECT_TRUE(OnDisk(run, static_cast<int>(i)) == contents[i]) << i;
  }
}

TEST_F(ReceiverTest, LostAndDoubledPiecesDoNoHarm) {
  const auto contents = SomeContents();
  const auto job = JobOf("1", 1, contents);
  const auto run = *spool_.BeginRun(job);
  Receiver receiver(job, run);
  Drive(receiver, job, contents, [](int i) { return i % 3 != 1; });
  for (std::size_t i = 0; i < contents.size(); ++i) {
    EXPECT_TRUE(OnDisk(run, static_cast<int>(i)) == contents[i]) << i;
    ASSERT_TRUE(receiver.Take(PieceOf(job.lease, static_cast<std::uint32_t>(i), contents[i], 0)));
  }
  EXPECT_TRUE(OnDisk(run, 4) == contents[4]);
}

TEST_F(ReceiverTest, NeverAsksForMoreThanTwoGrants) {
  const std::vector<std::string> contents = {std::string(200 * kChunkBytes, 'x')};
  const auto job = JobOf("1", 1, contents);
  Receiver receiver(job, *spool_.BeginRun(job));
  std::uint32_t asked = 0;
  while (const auto fetch = receiver.NextFetch()) {
    receiver.MarkAsked(*fetch);
    EXPECT_LE(fetch->credit, protocol::kMaxCredit);
    asked += fetch->credit;
  }
  EXPECT_EQ(asked, 64U);
}

TEST_F(ReceiverTest, PiecesOutOfPlaceOrOfWrongSizeAreDropped) {
  const std::vector<std::string> contents = {std::string(2 * kChunkBytes, 'x'), "second"};
  const auto job = JobOf("1", 1, contents);
  const auto run = *spool_.BeginRun(job);
  Receiver receiver(job, run);
  ASSERT_TRUE(receiver.Take(PieceOf(job.lease, 0, contents[0], kChunkBytes)));
  ASSERT_TRUE(receiver.Take(PieceOf(job.lease, 1, contents[1], 0)));
  ASSERT_TRUE(receiver.Take({job.lease, 0, 0, "short"}));
  ASSERT_TRUE(receiver.Take({job.lease, 9, 0, "no such instance"}));
  EXPECT_EQ(receiver.pieces_taken(), 0U);
  Drive(receiver, job, contents);
}

TEST_F(ReceiverTest, DamageIsNoticedAskedForAgainAndGivenUpAfterThreeTries) {
  const std::vector<std::string> contents = {"first", std::string(kChunkBytes + 5, 'y')};
  const auto job = JobOf("1", 1, contents);
  const auto run = *spool_.BeginRun(job);
  Receiver receiver(job, run);
  ASSERT_TRUE(receiver.Take(PieceOf(job.lease, 0, contents[0], 0)));
  std::string damaged = contents[1];
  damaged[7] = 'z';
  for (int attempt = 1; attempt <= 3; ++attempt) {
    ASSERT_TRUE(receiver.Take(PieceOf(job.lease, 1, damaged, 0)));
    const Status status = receiver.Take(PieceOf(job.lease, 1, damaged, kChunkBytes));
    if (attempt < 3) {
      ASSERT_TRUE(status);
      EXPECT_EQ(receiver.NextFetch()->instance, 1U);
      EXPECT_EQ(receiver.NextFetch()->offset, 0U);
    } else {
      ASSERT_FALSE(status);
      EXPECT_EQ(status.error().code(), ErrorCode::kUnavailable);
      EXPECT_THAT(status.error().message(),
                  ::testing::HasSubstr("1.2.3.2 arrived damaged 3 times"));
    }
  }
}

TEST_F(ReceiverTest, PriorInstancesGoToTheirOwnFolder) {
  const std::vector<std::string> contents = {"study", "prior"};
  auto job = JobOf("1", 1, contents);
  job.instances[1].role = protocol::InstanceRole::kPrior;
  const auto run = *spool_.BeginRun(job);
  Receiver receiver(job, run);
  Drive(receiver, job, contents);
  EXPECT_EQ(*ReadFile(run / "prior" / "000001.dcm", 100), "prior");
  EXPECT_FALSE(std::filesystem::exists(run / "study" / "000001.dcm"));
}

}  // namespace
}  // namespace osteon
