// SPDX-License-Identifier: GPL-3.0-or-later
// Child processes of osteond with the fake pipeline.
#include "daemon/worker/child.h"

#include <fmt/core.h>
#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "daemon/worker/spool.h"
#include "pipelines/base/log.h"
#include "tests/daemon/worker/fake_pipeline.h"
#include "tests/daemon/worker/scratch.h"

namespace osteon {
namespace {

using ::testing::HasSubstr;
using testing::JobOf;

class ChildTest : public ::testing::Test {
 protected:
  ChildTest() : spool_(Spool::Open(scratch_.path() / "spool").value()) {}

  Child Start(const std::string& command, const ChildLimits& limits = {}) {
    Receive(JobOf("17", 1, {command}), command);
    return Launch(limits);
  }

  // A run folder as the receiver makes it.
  void Receive(const protocol::Job& job, const std::string& command) {
    job_ = job;
    run_ = *spool_.BeginRun(job_);
    std::ofstream(run_ / kStudyFolder / "000000.dcm") << command;
  }

  Child Launch(const ChildLimits& limits = {}) {
    ChildCommand child;
    child.program = OSTEON_FAKE_OSTEOND;
    child.arguments = {"job", "--folder", run_.string()};
    child.run_folder = run_;
    return Child::Start(child, limits, clock_.Steady()).value();
  }

  ChildEnd WaitForEnd(Child& child) {
    std::optional<ChildEnd> end;
    EXPECT_TRUE(testing::WaitUntil([&] {
      if (auto report = child.ReadReports()) last_ = *report;
      return (end = child.Poll(clock_.Steady())).has_value();
    }));
    if (auto report = child.ReadReports()) last_ = *report;
    return end.value_or(ChildEnd{"never ended"});
  }

  testing::ScratchFolder scratch_;
  Spool spool_;
  SystemClock clock_;
  protocol::Job job_;
  std::filesystem::path run_;
  ChildReport last_;
};

TEST_F(ChildTest, LeavesItsResult) {
  Child child = Start("result 5000");
  EXPECT_EQ(WaitForEnd(child).problem, "");
  EXPECT_EQ(last_.stage, "detect");
  EXPECT_EQ(last_.fraction, 0.5);
  const auto offer = spool_.OfferRun(run_, job_);
  ASSERT_TRUE(offer) << offer.error().message();
  const auto& result = std::get<protocol::ResultManifest>(offer->outcome);
  ASSERT_EQ(result.documents.size(), 1U);
  const std::string expected = testing::FakeDocument(job_.fingerprint, 5000);
  EXPECT_EQ(result.documents[0].sha256, Sha256Hex(expected));
  EXPECT_EQ(*ReadFile(offer->folder / kOutFolder / "sr.dcm", 10'000), expected);
  ASSERT_EQ(result.stages.size(), 1U);
  EXPECT_EQ(result.stages[0].stage, "detect");
  EXPECT_GT(result.stages[0].peak_memory_bytes, 1U << 20);
  EXPECT_GE(result.peak_memory_bytes, result.stages[0].peak_memory_bytes);
}

TEST_F(ChildTest, OutcomesWithoutDocuments) {
  Child child = Start("not_whole_body");
  EXPECT_EQ(WaitForEnd(child).problem, "");
  const auto outcome = ReadMessageFile(run_ / kOutcomeFile);
  const auto& result = std::get<protocol::ResultManifest>(*outcome);
  EXPECT_EQ(result.outcome, protocol::ResultOutcome::kNotWholeBody);
  EXPECT_EQ(result.reason, "a brain MRI");
}

TEST_F(ChildTest, PriorsAndRadiographsReachThePipeline) {
  auto job = JobOf("17", 1, {"tell", "prior"});
  job.instances[1].role = protocol::InstanceRole::kPrior;
  job.related = {{"1.2.9", "DX", "KNEE", "20260102"}};
  Receive(job, "tell");
  std::ofstream(run_ / kPriorFolder / "000001.dcm") << "prior";
  Child child = Launch();
  EXPECT_EQ(WaitForEnd(child).problem, "");
  const auto outcome = ReadMessageFile(run_ / kOutcomeFile);
  EXPECT_EQ(std::get<protocol::ResultManifest>(*outcome).reason, "DX KNEE 20260102; prior");
}

TEST_F(ChildTest, ErrorsAndExceptionsAreFailuresWithTheirStage) {
  const std::pair<const char*, protocol::Failed> cases[] = {
      {"invalid", {{"17", 1}, ErrorCode::kInvalidInput, "detect", "the study says 'invalid'"}},
      {"throw",
       {{"17", 1},
        ErrorCode::kInternal,
        "detect",
        "a library threw: a library does not like '...'"}},
  };
  for (const auto& [command, expected] : cases) {
    Child child = Start(command);
    EXPECT_EQ(WaitForEnd(child).problem, "");
    const auto outcome = ReadMessageFile(run_ / kOutcomeFile);
    ASSERT_TRUE(outcome) << outcome.error().message();
    EXPECT_TRUE(std::get<protocol::Failed>(*outcome) == expected) << command;
  }
}

TEST_F(ChildTest, ACrashIsAnAnswer) {
  Child child = Start("crash");
  const ChildEnd end = WaitForEnd(child);
#if defined(__SANITIZE_ADDRESS__)
  EXPECT_THAT(end.problem,
              HasSubstr("the analysis ended with exit code"));  // ASan catches the signal.
#else
  EXPECT_THAT(end.problem, HasSubstr("crashed (SIGSEGV)"));
#endif
  EXPECT_EQ(last_.stage, "detect");
}

TEST_F(ChildTest, AHangEndsAtItsWallTime) {
  ChildLimits limits;
  limits.wall_seconds = 1;
  Child child = Start("hang", limits);
  const ChildEnd end = WaitForEnd(child);
  EXPECT_THAT(end.problem, HasSubstr("longer than its wall_seconds = 1"));
  EXPECT_EQ(end.code, ErrorCode::kInternal);
}

TEST_F(ChildTest, ALoopEndsAtItsProcessorTime) {
  ChildLimits limits;
  limits.cpu_seconds = 1;
  Child child = Start("spin", limits);
  EXPECT_THAT(WaitForEnd(child).problem, HasSubstr("more than its cpu_seconds = 1"));
}

TEST_F(ChildTest, AllocationWithoutBoundEndsAtItsMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "an address space limit and a sanitizer's shadow memory exclude one another";
#endif
  ChildLimits limits;
  limits.memory_bytes = std::uint64_t{512} << 20;
  Child child = Start("eat", limits);
  EXPECT_EQ(WaitForEnd(child).problem, "");
  const auto outcome = ReadMessageFile(run_ / kOutcomeFile);
  ASSERT_TRUE(outcome) << outcome.error().message();
  const auto& failed = std::get<protocol::Failed>(*outcome);
  EXPECT_EQ(failed.code, ErrorCode::kInternal);
  EXPECT_EQ(failed.stage, "detect");
  EXPECT_THAT(failed.message, HasSubstr("out of memory"));
}

TEST_F(ChildTest, KilledFromOutsideCanBeTriedAgain) {
  Child child = Start("hang");
  ASSERT_TRUE(testing::WaitUntil([&] { return child.ReadReports().has_value(); }));
  // The only child of this process.
  std::ifstream children(fmt::format("/proc/self/task/{}/children", ::getpid()));
  pid_t pid = -1;
  if (!(children >> pid)) GTEST_SKIP() << "this kernel does not list children in /proc";
  ::kill(pid, SIGKILL);
  const ChildEnd end = WaitForEnd(child);
  EXPECT_EQ(end.code, ErrorCode::kUnavailable);
  EXPECT_EQ(end.ending, protocol::Ending::kDied);
  EXPECT_THAT(end.problem, HasSubstr("killed from outside"));
}

TEST_F(ChildTest, SeesNoSecretsAndNoDescriptorsOfTheParent) {
  ::setenv("OSTEON_SECRET", "key material", 1);
  const Fd open_file(
      ::open("/etc/hostname",
             O_RDONLY));  // Inheritable (without O_CLOEXEC), as some libraries open files.
  Child child = Start("hang");
  ASSERT_TRUE(testing::WaitUntil([&] { return child.ReadReports().has_value(); }));
  std::ifstream children(fmt::format("/proc/self/task/{}/children", ::getpid()));
  pid_t pid = -1;
  if (!(children >> pid)) GTEST_SKIP() << "this kernel does not list children in /proc";
  const std::filesystem::path proc = fmt::format("/proc/{}", pid);
  std::ifstream environment(proc / "environ");
  const std::string variables((std::istreambuf_iterator<char>(environment)), {});
  EXPECT_THAT(variables, HasSubstr("TZ=UTC"));
  EXPECT_EQ(variables.find("OSTEON_SECRET"), std::string::npos);
  std::vector<std::string> targets;
  for (const auto& entry : std::filesystem::directory_iterator(proc / "fd")) {
    targets.push_back(std::filesystem::read_symlink(entry.path()).string());
  }
  EXPECT_THAT(targets, ::testing::Not(::testing::Contains("/etc/hostname")));
  ::unsetenv("OSTEON_SECRET");
}

TEST_F(ChildTest, IsKilledWhenNobodyWantsItAnyMore) {
  std::optional<Child> child(Start("hang"));
  ASSERT_TRUE(testing::WaitUntil([&] { return child->ReadReports().has_value(); }));
  child.reset();
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
}

TEST_F(ChildTest, AProgramThatIsNotThereIsAnAnswer) {
  Start("result 1").Kill();
  ChildCommand command;
  command.program = "/nonexistent/program";
  command.run_folder = run_;
  Child child = Child::Start(command, {}, clock_.Steady()).value();
  EXPECT_THAT(WaitForEnd(child).problem, HasSubstr("exit code 127"));
}

}  // namespace
}  // namespace osteon
