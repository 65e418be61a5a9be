// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/spool.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/daemon/worker/scratch.h"

namespace osteon {
namespace {

using ::testing::HasSubstr;
using testing::JobOf;
namespace fs = std::filesystem;

class SpoolTest : public ::testing::Test {
 protected:
  Spool Open() { return Spool::Open(root_).value(); }

  // The files that a child writes for "result".
  protocol::ResultManifest LeaveResult(const fs::path& run, const protocol::Job& job) {
    protocol::ResultManifest result;
    result.lease = job.lease;
    result.fingerprint = job.fingerprint;
    result.documents = {{"sr.dcm", "1.2", "2.25.1", 5, Sha256Hex("bytes")}};
    EXPECT_TRUE(WriteDurably(run / kOutFolder / "sr.dcm", "bytes"));
    EXPECT_TRUE(WriteMessageFile(run / kOutcomeFile, result));
    return result;
  }

  testing::ScratchFolder scratch_;
  fs::path root_ = scratch_.path() / "deep" / "spool";
};

TEST_F(SpoolTest, IsPrivateAndForOneProcess) {
  const Spool spool = Open();
  EXPECT_EQ(fs::status(root_).permissions(), fs::perms::owner_all);
  const auto second = Spool::Open(root_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().message(), HasSubstr("in use by another osteond"));
}

TEST_F(SpoolTest, AFolderOpenToOthersIsRefused) {
  fs::create_directories(root_);
  ::chmod(root_.c_str(), 0755);
  EXPECT_THAT(Spool::Open(root_).error().message(), HasSubstr("chmod 700"));
}

TEST_F(SpoolTest, ResultSurvivesARestartAndTheStudyDoesNot) {
  const auto job = JobOf("17", 2, {"pixels"});
  {
    const Spool spool = Open();
    const fs::path run = *spool.BeginRun(job);
    EXPECT_EQ(fs::status(run / kStudyFolder).permissions(), fs::perms::owner_all);
    ASSERT_TRUE(WriteDurably(run / kStudyFolder / "000000.dcm", "pixels"));
    const auto result = LeaveResult(run, job);
    const auto offer = spool.OfferRun(run, job);
    ASSERT_TRUE(offer) << offer.error().message();
    EXPECT_FALSE(fs::exists(offer->folder / kStudyFolder));
  }
  const Spool spool = Open();
  const auto offers = spool.LoadOffers();
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(LeaseOf(offers[0]), job.lease);
  EXPECT_EQ(*ReadPiece(offers[0].folder / kOutFolder / "sr.dcm", 1, 3), "yte");
  spool.Remove(offers[0].folder);
  EXPECT_TRUE(spool.LoadOffers().empty());
}

TEST_F(SpoolTest, UnfinishedRunsAreGivenBackAtStart) {
  const auto job = JobOf("17", 3, {"pixels"});
  fs::path run;
  {
    const Spool spool = Open();
    run = *spool.BeginRun(job);
    LeaveResult(run,
                job);  // Finished by the child, but not yet offered: the rename is what counts.
    fs::create_directory(root_ / "run-18-1");  // Killed before the job was in it.
  }
  const Spool spool = Open();
  const auto offers = spool.LoadOffers();
  ASSERT_EQ(offers.size(), 1U);
  const auto& failed = std::get<protocol::Failed>(offers[0].outcome);
  EXPECT_EQ(failed.lease, job.lease);
  EXPECT_EQ(failed.code, ErrorCode::kUnavailable);
  EXPECT_FALSE(fs::exists(run));
  EXPECT_FALSE(fs::exists(root_ / "run-18-1"));
}

TEST_F(SpoolTest, OutcomesThatAreNotWhatTheySayAreRefused) {
  const Spool spool = Open();
  const auto job = JobOf("17", 1, {"pixels"});
  const auto refused = [&](const fs::path& run) {
    const auto offer = spool.OfferRun(run, job);
    EXPECT_FALSE(offer);
    if (offer) return std::string();
    EXPECT_EQ(offer.error().code(), ErrorCode::kInternal);
    return offer.error().message();
  };
  fs::path run = *spool.BeginRun(job);
  EXPECT_THAT(refused(run), HasSubstr("left no outcome"));

  LeaveResult(run, job);
  fs::resize_file(run / kOutFolder / "sr.dcm", 3);
  EXPECT_THAT(refused(run), HasSubstr("sr.dcm, which is not there in full"));

  fs::remove(run / kOutFolder / "sr.dcm");
  fs::create_symlink("/etc/hostname", run / kOutFolder / "sr.dcm");
  EXPECT_THAT(refused(run), HasSubstr("sr.dcm, which is not there in full"));

  run = *spool.BeginRun(job);
  auto result = LeaveResult(run, job);
  result.lease.attempt = 9;
  ASSERT_TRUE(WriteMessageFile(run / kOutcomeFile, result));
  EXPECT_THAT(refused(run), HasSubstr("of another job"));

  ASSERT_TRUE(WriteDurably(run / kOutcomeFile, "garbage"));
  EXPECT_THAT(refused(run), HasSubstr("not a message of Osteon"));
}

TEST_F(SpoolTest, AnOfferCutOffByAPowerFailureIsRemovedAndTheOthersStay) {
  const auto job = JobOf("17", 1, {"pixels"});
  fs::path damaged;
  {
    const Spool spool = Open();
    const fs::path run = *spool.BeginRun(job);
    LeaveResult(run, job);
    damaged = spool.OfferRun(run, job)->folder;
    fs::resize_file(damaged / kOutcomeFile, 20);
    ASSERT_FALSE(spool.OfferFailure({{"18", 1}, ErrorCode::kUnsupported, "choose", "no STIR"})
                     .folder.empty());
  }
  const Spool spool = Open();
  const auto offers = spool.LoadOffers();
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(LeaseOf(offers[0]).job, "18");
  EXPECT_FALSE(fs::exists(damaged));
}

TEST_F(SpoolTest, RelabelledResultKeepsTheNewAttemptOverARestart) {
  const auto job = JobOf("17", 1, {"pixels"});
  {
    const Spool spool = Open();
    const fs::path run = *spool.BeginRun(job);
    LeaveResult(run, job);
    ASSERT_TRUE(spool.Relabel(*spool.OfferRun(run, job), {"17", 4}));
  }
  const auto offers = Open().LoadOffers();
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(LeaseOf(offers[0]), (protocol::Lease{"17", 4}));
}

TEST_F(SpoolTest, AFailureTheDiskDoesNotTakeIsKeptInMemory) {
  const Spool spool = Open();
  // A file in place of the folder, since permissions do not stop root.
  ASSERT_TRUE(WriteDurably(root_ / "offer-19-1.part", "x"));
  fs::remove_all(root_ / "offer-19-1");
  fs::create_symlink("/nonexistent/nowhere", root_ / "offer-20-1");
  const protocol::Failed failed = {{"19/..", 1}, ErrorCode::kInternal, "detect", "crashed"};
  const SpooledOffer offer = spool.OfferFailure(failed);
  EXPECT_TRUE(offer.folder.empty());
  EXPECT_TRUE(std::get<protocol::Failed>(offer.outcome) == failed);
}

}  // namespace
}  // namespace osteon
