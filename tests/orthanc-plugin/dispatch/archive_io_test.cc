// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/archive_io.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>

#include "pipelines/base/digest.h"
#include "pipelines/base/mutex.h"
#include "tests/orthanc-plugin/fakes.h"

namespace osteon::plugin {
namespace {

constexpr std::size_t kChunk = protocol::kChunkBytes;
constexpr const char* kSr = "1.2.840.10008.5.1.4.1.1.88.34";

// Holds only files of instances.
class Files final : public Archive {
 public:
  std::map<std::string, std::string> files;  // By Orthanc id.
  bool down = false;
  int reads = 0;

  Result<std::optional<std::string>> Get(const std::string& uri) override {
    if (down) return Unavailable("the fake is down");
    ++reads;
    for (const auto& [id, bytes] : files)
      if (uri == "/instances/" + id + "/file") return std::optional(bytes);
    return std::optional<std::string>();
  }
  Result<std::string> Post(const std::string&, std::string_view) override {
    return InvalidInput("");
  }
  Status Delete(const std::string&) override { return {}; }
  Result<std::string> ParseDicom(std::string_view) override { return InvalidInput(""); }
};

// An ArchiveIo whose answers are waited for one by one.
class Asked {
 public:
  Asked(Archive& archive, JobStore& store, GatherFunction gather)
      : io(archive, store, std::move(gather), [this](ArchiveIoReply reply) {
          const MutexLock lock(mutex_);
          replies_.push_back(std::move(reply));
          changed_.notify_one();
        }) {}

  template <typename Reply>
  Reply Next() {
    MutexLock lock(mutex_);
    const bool came = lock.WaitFor(changed_, std::chrono::seconds(60),
                                   [this]() REQUIRES_LOCK(mutex_) { return !replies_.empty(); });
    Check(came, "the archive I/O answers");
    ArchiveIoReply reply = std::move(replies_.front());
    replies_.pop_front();
    return std::get<Reply>(std::move(reply));
  }

 private:
  Mutex mutex_;
  std::condition_variable changed_;
  std::deque<ArchiveIoReply> replies_ GUARDED_BY(mutex_);

 public:
  ArchiveIo io;  // Ends before what its thread uses.
};

// Three files: two whole pieces and ten bytes, no byte, one whole piece.
class FetchTest : public testing::Test {
 protected:
  FetchTest() {
    std::string large(2 * kChunk + 10, '.');
    for (std::size_t n = 0; n < large.size(); ++n) large[n] = static_cast<char>(n % 251);
    archive.files = {{"a", large}, {"b", ""}, {"c", std::string(kChunk, 'c')}};
    for (const auto& [id, bytes] : archive.files)
      material.instances.push_back(
          {MaterialRole::kStudy, id, "series", "1.2." + id, bytes.size(), ""});
    job.id = 1;
    job.attempt = 1;
  }

  Result<std::vector<protocol::Instance>> Fetch(std::uint32_t instance, std::uint64_t offset,
                                                std::uint32_t credit) {
    asked.io.Fetch(job, "peer", {{"1", job.attempt}, instance, offset, credit});
    return asked.Next<Pieces>().pieces;
  }

  Files archive;
  TemporaryLedger ledger{0};
  Material material;
  int gathered = 0;
  Job job;
  Asked asked{archive, *ledger.store, [this](const Job&) -> Result<Material> {
                ++gathered;
                return material;
              }};
};

TEST_F(FetchTest, GivesThePiecesInOrderUpToTheCredit) {
  struct Piece {
    std::uint32_t instance;
    std::uint64_t offset;
    std::size_t size;
  };
  struct Case {
    std::uint32_t instance;
    std::uint64_t offset;
    std::uint32_t credit;
    std::vector<Piece> pieces;
  };
  const Case cases[] = {
      {0, 0, 1, {{0, 0, kChunk}}},
      {0, 0, 9, {{0, 0, kChunk}, {0, kChunk, kChunk}, {0, 2 * kChunk, 10}, {2, 0, kChunk}}},
      {0, 2 * kChunk, 1, {{0, 2 * kChunk, 10}}},
      {0, 2 * kChunk, 2, {{0, 2 * kChunk, 10}, {2, 0, kChunk}}},  // A file without bytes has none.
      {1, 0, 1, {{2, 0, kChunk}}},
      {2, kChunk, 1, {}},  // Behind the last piece.
      {3, 0, 1, {}},       // No such instance.
      {0, 0, 0, {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(fmt::format("{} {}", c.instance, c.offset));
    const auto pieces = Fetch(c.instance, c.offset, c.credit);
    ASSERT_TRUE(pieces.ok());
    ASSERT_EQ(pieces->size(), c.pieces.size());
    for (std::size_t n = 0; n < pieces->size(); ++n) {
      const protocol::Instance& piece = pieces->at(n);
      const Piece& expected = c.pieces[n];
      EXPECT_EQ(piece.instance, expected.instance);
      EXPECT_EQ(piece.offset, expected.offset);
      const std::string& file = archive.files[material.instances[piece.instance].orthanc_id];
      EXPECT_TRUE(piece.bytes == file.substr(expected.offset, expected.size));
    }
  }
}

TEST_F(FetchTest, ReadsAFileOnceForItsPiecesAndGathersOnceForAnAttempt) {
  asked.io.Prepare(job, "peer");
  EXPECT_EQ(asked.Next<Prepared>().material->instances.size(), 3U);
  for (std::uint64_t offset = 0; offset < 3 * kChunk; offset += kChunk)
    ASSERT_TRUE(Fetch(0, offset, 1));
  EXPECT_EQ(archive.reads, 1);
  EXPECT_EQ(gathered, 1);
  job.attempt = 2;
  EXPECT_TRUE(Fetch(0, 0, 1).ok());
  EXPECT_EQ(gathered, 2);
  asked.io.Forget(job.id);
  EXPECT_TRUE(Fetch(0, 0, 1).ok());
  EXPECT_EQ(gathered, 3);
}

TEST_F(FetchTest, AFileThatIsGoneOrChangedIsAnError) {
  struct Case {
    const char* what;
    std::function<void()> change;
    ErrorCode code;
    const char* message;
  };
  const Case cases[] = {
      {"removed", [&] { archive.files.erase("a"); }, ErrorCode::kCancelled, "removed from Orthanc"},
      {"changed", [&] { archive.files["a"] = "shorter"; }, ErrorCode::kUnavailable,
       "1.2.a changed"},
      {"down", [&] { archive.down = true; }, ErrorCode::kUnavailable, "down"},
  };
  for (const Case& c : cases) {
    c.change();
    const auto pieces = Fetch(0, 0, 1);
    ASSERT_FALSE(pieces.ok()) << c.what;
    EXPECT_EQ(pieces.error().code(), c.code) << c.what;
    EXPECT_NE(pieces.error().message().find(c.message), std::string::npos)
        << pieces.error().message();
  }
}

TEST(Deliver, StoresNothingInSilentModeOrForAStudyThatIsNotThere) {
  struct Case {
    const char* what;
    const char* study_uid;   // Of the job.
    const char* patient_id;  // Of the study in Orthanc now.
    std::optional<ErrorCode> code;
  };
  const Case cases[] = {
      {"silent", "1.2.3", "P1", std::nullopt},
      {"deleted", "1.2.4", "P1", ErrorCode::kCancelled},
      {"corrected meanwhile", "1.2.3", "P2", ErrorCode::kInvalidInput},
  };
  for (const Case& c : cases) {
    FakeArchive archive;
    archive.studies["s1"].uid = "1.2.3";
    archive.studies["s1"].patient_id = c.patient_id;
    TemporaryLedger ledger(0);
    Asked asked(archive, *ledger.store, [](const Job&) -> Result<Material> { return Material{}; });
    Job job;
    job.study_id = "s1";
    job.study_uid = c.study_uid;
    const nlohmann::json tags = {
        {"0008,0016", kSr}, {"0008,0018", "1.1"}, {"0020,000d", "1.2.3"}, {"0010,0020", "P1"}};
    ReceivedDocument document;
    document.bytes = tags.dump();
    document.announced = {"sr.dcm", kSr, "1.1", document.bytes.size(), Sha256Hex(document.bytes)};
    asked.io.Deliver(job, {document}, DeliveryMode::kCheckOnly);
    const Status status = asked.Next<Delivered>().status;
    EXPECT_EQ(status.ok(), !c.code) << c.what;
    if (c.code) {
      EXPECT_EQ(status.error().code(), *c.code) << c.what;
    }
    EXPECT_TRUE(archive.files.empty()) << c.what;
  }
}

}  // namespace
}  // namespace osteon::plugin
