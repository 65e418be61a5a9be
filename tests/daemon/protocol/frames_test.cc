// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/protocol/frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>

namespace osteon::protocol {
namespace {

using ::testing::HasSubstr;

const Lease kLease = {"17", 3};

ResultManifest Manifest(const std::string& fingerprint) {
  ResultManifest manifest;
  manifest.lease = kLease;
  manifest.fingerprint = fingerprint;
  return manifest;
}

std::vector<Message> OneOfEach() {
  Job job{kLease,
          60,
          std::string(64, 'a'),
          {},
          {},
          R"({"Words":{}})",
          "the legs are missing",
          std::string(64, 'c')};
  job.instances = {{InstanceRole::kStudy, "1.2.3", "1.2.3.4", 1234, std::string(32, '0')},
                   {InstanceRole::kPrior, "1.2.5", "1.2.5.6", 99, std::string(32, 'f')}};
  job.related = {{"1.2.9", "DX", "KNEE left", "20260102"}};
  ResultManifest result = Manifest("f");
  result.reason = "two stations are missing";
  result.outcome = ResultOutcome::kNotEvaluable;
  result.documents = {{"sr.dcm", "1.2.840.1", "2.25.1", 777, std::string(64, 'b')}};
  result.stages = {{"detect", 1500, std::uint64_t{3} << 29}, {"write", 20, std::uint64_t{3} << 31}};
  result.peak_memory_bytes = std::uint64_t{3} << 31;
  return {Hello{"ward-1", "0.1.0", "cno", "0.1.0", std::string(64, 'c'), 2},
          Ready{1, "its settings cannot be used", 1'790'000'000'000},
          job,
          Fetch{kLease, 4, 3 * kChunkBytes, 32},
          Instance{kLease, 4, kChunkBytes, std::string("\0\1DICM", 6)},
          Touch{kLease, "detect", 0.625},
          result,
          ResultChunk{kLease, 0, 0, "bytes"},
          Failed{kLease, ErrorCode::kUnsupported, "choose", "no STIR series", Ending::kDied},
          Committed{kLease},
          Stale{kLease, "attempt 4 is current"},
          Cancel{kLease, "by an administrator"},
          Refused{RefusedReason::kHelloFirst, "who is there?"}};
}

TEST(Frames, EveryMessageComesBackAsItWas) {
  const std::vector<Message> messages = OneOfEach();
  ASSERT_EQ(messages.size(), std::variant_size_v<Message>);
  for (std::size_t type = 0; type < messages.size(); ++type) {
    ASSERT_EQ(messages[type].index(), type);
    SCOPED_TRACE(Name(messages[type]));
    Result<Frames> frames = Encode(messages[type]);
    ASSERT_TRUE(frames) << frames.error().message();
    Result<Message> back = Decode(*frames);
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_TRUE(*back == messages[type]);
  }
}

TEST(Frames, LayoutOnTheWireIsFixed) {
  // Written by hand after frames.h. A change here, other than of the minor version (the sixth
  // byte), needs a new major version of the protocol.
  const Frames expected = {std::string("OSTN\1\3\5\0", 8), std::string("\2\0\0\0"
                                                                       "17"
                                                                       "\3\0\0\0"
                                                                       "\6\0\0\0"
                                                                       "detect"
                                                                       "\0\0\0\0\0\0\xe4\x3f",
                                                                       28)};
  EXPECT_EQ(*Encode(Touch{kLease, "detect", 0.625}), expected);
}

TEST(Frames, EveryTruncationIsRefused) {
  for (const Message& message : OneOfEach()) {
    SCOPED_TRACE(Name(message));
    const Frames whole = *Encode(message);
    for (std::size_t count = 0; count < whole.size(); ++count) {
      EXPECT_FALSE(Decode(Frames(whole.begin(), whole.begin() + static_cast<long>(count))));
    }
    for (std::size_t frame = 0; frame < 2; ++frame) {
      for (std::size_t size = 0; size < whole[frame].size(); ++size) {
        Frames cut = whole;
        cut[frame].resize(size);
        EXPECT_FALSE(Decode(cut)) << "frame " << frame << " cut to " << size;
      }
    }
  }
}

TEST(Frames, EveryFlippedByteIsRefusedOrAMessageThatEncodesAgain) {
  for (const Message& message : OneOfEach()) {
    SCOPED_TRACE(Name(message));
    const Frames whole = *Encode(message);
    for (std::size_t frame = 0; frame < 2; ++frame) {
      for (std::size_t at = 0; at < whole[frame].size(); ++at) {
        for (const char flip : {'\x01', '\x80', '\xff'}) {
          Frames damaged = whole;
          damaged[frame][at] = static_cast<char>(damaged[frame][at] ^ flip);
          const Result<Message> read = Decode(damaged);
          EXPECT_TRUE(!read || Encode(*read));
        }
      }
    }
  }
}

TEST(Frames, LengthsAreRefusedWithoutAllocation) {
  Frames frames = *Encode(Committed{kLease});
  frames[1] = std::string("\xff\xff\xff\xff", 4) + "17";
  EXPECT_THAT(Decode(frames).error().message(), HasSubstr("COMMITTED: job: too long"));

  Job job = std::get<Job>(OneOfEach()[2]);
  job.instances.clear();
  job.related.clear();
  job.selection_rules.clear();
  job.incomplete.clear();
  job.pipeline_hash.clear();
  Frames lying = *Encode(job);
  // The last twenty bytes are the counts of the two lists and the lengths of three texts: a count
  // within the limit but without elements.
  lying[1].replace(lying[1].size() - 20, 4, std::string("\xff\xff\0\0", 4));
  EXPECT_THAT(Decode(lying).error().message(), HasSubstr("cut off"));
  lying[1].replace(lying[1].size() - 20, 4, std::string("\xff\xff\xff\xff", 4));
  EXPECT_THAT(Decode(lying).error().message(), HasSubstr("instances: too many"));
}

struct BadCase {
  const char* name;
  Message message;
  const char* error;
};

TEST(Frames, EncodeRefusesWhatDecodeWould) {
  const std::string long_token(kMaxTokenBytes + 1, 'x');
  ResultManifest huge = Manifest("f");
  huge.documents.assign(3, {"seg.dcm", "1", "2", kMaxDocumentBytes, "s"});
  const std::vector<BadCase> cases = {
      {"empty job id", Committed{{"", 1}}, "job: not a job id"},
      {"path as job id", Committed{{"../../etc", 1}}, "job: not a job id"},
      {"hidden job id", Committed{{".x", 1}}, "job: not a job id"},
      {"attempt 0", Committed{{"1", 0}}, "attempt: out of range"},
      {"space in token", Touch{kLease, "two words", 0}, "stage: not a token"},
      {"slash in token", Manifest("a/b"), "fingerprint: not"},
      {"long token", Hello{long_token, "v", "p", "v", "h", 1}, "worker: not a token"},
      {"fraction above 1", Touch{kLease, "s", 1.5}, "fraction: not in 0..1"},
      {"fraction NaN", Touch{kLease, "s", std::numeric_limits<double>::quiet_NaN()}, "fraction"},
      {"offset inside a piece", Fetch{kLease, 0, 5, 1}, "offset: not the start"},
      {"no credit", Fetch{kLease, 0, 0, 0}, "credit: out of range"},
      {"too much credit", Fetch{kLease, 0, 0, kMaxCredit + 1}, "credit: out of range"},
      {"empty piece", Instance{kLease, 0, 0, ""}, "bytes: a piece"},
      {"large piece", ResultChunk{kLease, 0, 0, std::string(kChunkBytes + 1, 'x')}, "bytes: a"},
      {"large result", huge, "documents: together larger"},
      {"enum out of range", Refused{static_cast<RefusedReason>(9), ""}, "reason: out of range"},
  };
  for (const BadCase& c : cases) {
    SCOPED_TRACE(c.name);
    Result<Frames> frames = Encode(c.message);
    ASSERT_FALSE(frames);
    EXPECT_EQ(frames.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(frames.error().message(), HasSubstr(c.error));
  }
}

TEST(Frames, LongTextIsCutBetweenCharacters) {
  std::string text(kMaxTextBytes - 1, 'x');
  text += "\xc3\xa9";  // One character of two bytes, across the limit.
  const Result<Message> back = Decode(*Encode(Stale{kLease, text}));
  EXPECT_EQ(std::get<Stale>(*back).reason, std::string(kMaxTextBytes - 1, 'x'));
}

TEST(Frames, OtherMajorVersionIsToldApart) {
  Frames frames = *Encode(Ready{1});
  frames[0][4] = 2;
  frames[1] = "anything at all";
  EXPECT_EQ(Decode(frames).error().code(), ErrorCode::kUnsupported);
  frames[0][0] = 'X';
  EXPECT_EQ(Decode(frames).error().code(), ErrorCode::kInvalidInput);
}

TEST(Frames, FieldsOfANewerMinorVersionAreIgnored) {
  Frames frames = *Encode(Ready{1});
  frames[1] += "more";
  EXPECT_FALSE(Decode(frames));
  frames[0][5] = kMinorVersion + 1;
  Result<Message> back = Decode(frames);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_TRUE(*back == Message(Ready{1}));
}

TEST(Frames, MessagesOfOlderMinorVersionsLackTheLaterFields) {
  const Job job{kLease, 60, std::string(64, 'a'), {}, {}, "", "", ""};
  struct Case {
    Message message;
    char minor;
    std::size_t lacks;  // Bytes: an empty text is its length, the clock eight.
  };
  for (const Case& c :
       {Case{job, 0, 12}, Case{job, 1, 4}, Case{Ready{1, ""}, 1, 12}, Case{Ready{1, ""}, 2, 8}}) {
    Frames frames = *Encode(c.message);
    frames[1].resize(frames[1].size() - c.lacks);
    EXPECT_FALSE(Decode(frames));
    frames[0][5] = c.minor;
    Result<Message> back = Decode(frames);
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_TRUE(*back == c.message);
  }
}

TEST(Frames, AResultOfAnOlderMinorVersionHasNoMemoryOfStages) {
  ResultManifest result = Manifest("f");
  result.stages = {{"detect", 1500}, {"write", 20}};
  Frames frames = *Encode(result);
  frames[1].resize(frames[1].size() - 2 * sizeof(std::uint64_t));
  EXPECT_FALSE(Decode(frames));
  frames[0][5] = 1;
  Result<Message> back = Decode(frames);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_TRUE(*back == Message(result));
}

TEST(Frames, LargestJobFitsIntoAFrame) {
  const std::string token(kMaxTokenBytes, 'x');
  Job job{kLease, 60, token, {}, {}, std::string(kMaxRulesBytes, ' '), "", token};
  job.instances.assign(kMaxInstances, {InstanceRole::kStudy, token, token, 1, token});
  job.related.assign(kMaxRelated, {token, token, std::string(kMaxTextBytes, 'x'), token});
  const Frames frames = *Encode(job);
  EXPECT_LE(frames[1].size(), kMaxFrameBytes);
  EXPECT_TRUE(Decode(frames));
  job.instances.push_back(job.instances[0]);
  EXPECT_FALSE(Encode(job));
  job.instances.pop_back();
  job.selection_rules += ' ';  // Rules are never cut.
  EXPECT_FALSE(Encode(job));
}

TEST(Chunks, CountAndSizeCoverTheFile) {
  for (const std::uint64_t bytes :
       {1UL, kChunkBytes - 1, kChunkBytes, kChunkBytes + 1, 10 * kChunkBytes}) {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < ChunkCount(bytes); ++i) sum += ChunkSize(bytes, i * kChunkBytes);
    EXPECT_EQ(sum, bytes);
  }
}

}  // namespace
}  // namespace osteon::protocol
