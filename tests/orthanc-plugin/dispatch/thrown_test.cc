// SPDX-License-Identifier: GPL-3.0-or-later
// An exception on a thread of dispatch (no memory, a parse error of a library) fails its job, and
// the thread goes on.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <new>
#include <thread>

#include "orthanc-plugin/dispatch/archive_io.h"
#include "orthanc-plugin/dispatch/dispatcher.h"
#include "orthanc-plugin/dispatch/forwarder.h"
#include "pipelines/base/mutex.h"
#include "tests/orthanc-plugin/dispatch/job_protocol_fixture.h"

namespace osteon::plugin {
namespace {

const std::function<void()> kThrowers[] = {
    [] { throw std::bad_alloc(); },
    [] { Check(nlohmann::json::parse("{\"PatientName\": \"Muster").is_object(), "it throws"); }};

bool Soon(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

TEST(Thrown, InTheArchiveIoIsItsAnswer) {
  for (const auto& thrower : kThrowers) {
    FakeArchive archive;
    TemporaryLedger ledger(0);
    struct {
      Mutex mutex;
      std::vector<ArchiveIoReply> all GUARDED_BY(mutex);
    } replies;
    ArchiveIo archive_io(
        archive, *ledger.store,
        [&](const Job&) -> Result<Material> {
          thrower();
          return Material{};
        },
        [&](ArchiveIoReply reply) {
          const MutexLock lock(replies.mutex);
          replies.all.push_back(std::move(reply));
        });
    archive.after_get = [&](const std::string&) { thrower(); };
    Job job;
    job.id = 1;
    archive_io.Prepare(job, "p");
    archive_io.Fetch(job, "p", {});
    archive_io.Deliver(job, {}, DeliveryMode::kStore);
    ASSERT_TRUE(Soon([&] {
      const MutexLock lock(replies.mutex);
      return replies.all.size() == 3;
    }));
    archive_io.Stop();
    const auto check = [](const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
      EXPECT_EQ(error.message().find("Muster"), std::string::npos) << error.message();
    };
    const MutexLock lock(replies.mutex);
    check(std::get<Prepared>(replies.all[0]).material.error());
    check(std::get<Pieces>(replies.all[1]).pieces.error());
    check(std::get<Delivered>(replies.all[2]).status.error());
  }
}

TEST(Thrown, TheArchiveIosAnswerIsToldAgain) {
  FakeArchive archive;
  TemporaryLedger ledger(0);
  std::atomic<int> told = 0;
  ArchiveIo archive_io(
      archive, *ledger.store, [](const Job&) -> Result<Material> { return Material{}; },
      [&](const ArchiveIoReply&) {
        if (++told == 1) throw std::bad_alloc();
      });
  archive_io.Prepare(Job{}, "p");
  EXPECT_TRUE(Soon([&] { return told == 2; }));
}

// The archive I/O throws when the job protocol asks it for something.
class ThrownAtJobProtocolTest : public testing::Test {
 protected:
  void MakeProtocol(const std::function<void()>& prepare, const std::function<void()>& deliver) {
    JobActions actions;
    actions.send = [this](const PeerId&, const protocol::Message& message) {
      sent.push_back(message);
      return true;
    };
    actions.prepare = [prepare, this](const Job& job, const PeerId&) {
      prepared = job;
      prepare();
    };
    actions.fetch = [prepare](const Job&, const PeerId&, const protocol::Fetch&) { prepare(); };
    actions.deliver = [deliver](const Job&, const std::vector<ReceivedDocument>&, DeliveryMode) {
      deliver();
    };
    actions.forget = [](JobId) {};
    actions.copies_wait = [] {};
    actions.retry_waits = [this] { ++retries; };
    job_protocol = std::make_unique<JobProtocol>(*hospital.ledger.store, hospital.clock,
                                                 hospital.options, std::move(actions));
    ASSERT_TRUE(job_protocol->Start());
    job_protocol->OnMessage(
        "p", protocol::Message(protocol::Hello{"w", "1", "pipeline", "1", "hash", 1}));
  }
  void ExpectRetry(JobId id) {
    const Job job = hospital.Stored(id);
    EXPECT_EQ(job.state, JobState::kRetryWait) << job.reason;
    EXPECT_EQ(job.error_code, "unavailable");
    EXPECT_EQ(job.reason.find("Muster"), std::string::npos) << job.reason;
    EXPECT_EQ(retries, 1) << "the intake thread is woken";
  }

  Hospital hospital;
  std::unique_ptr<JobProtocol> job_protocol;
  std::vector<protocol::Message> sent;
  Job prepared;
  int retries = 0;
};

TEST_F(ThrownAtJobProtocolTest, AnExceptionAboutAMessageFailsItsJob) {
  for (const auto& thrower : kThrowers) {
    retries = 0;
    bool armed = false;
    MakeProtocol(
        [&] {
          if (armed) thrower();
        },
        [] {});
    const JobId id = hospital.AddReadyJob(fmt::format("s{}", &thrower - kThrowers));
    job_protocol->OnMessage("p", protocol::Message(protocol::Ready{1}));
    Material material;
    material.instances = {{MaterialRole::kStudy, "i", "1.2", "1.2.1", 10, std::string(32, 'a')}};
    job_protocol->OnReply(Prepared{prepared, "p", material});
    const auto lease = std::get<protocol::Job>(sent.back()).lease;
    armed = true;
    protocol::Fetch fetch;
    fetch.lease = lease;
    job_protocol->OnMessage("p", protocol::Message(fetch));
    ExpectRetry(id);
  }
}

TEST_F(ThrownAtJobProtocolTest, AnExceptionBeforeDeliveryFailsItsJob) {
  for (const auto& thrower : kThrowers) {
    retries = 0;
    MakeProtocol([] {}, thrower);
    const JobId id = hospital.AddReadyJob(fmt::format("d{}", &thrower - kThrowers));
    job_protocol->OnMessage("p", protocol::Message(protocol::Ready{1}));
    Material material;
    job_protocol->OnReply(Prepared{prepared, "p", material});
    const auto job = std::get<protocol::Job>(sent.back());
    protocol::ResultManifest manifest;
    manifest.lease = job.lease;
    manifest.fingerprint = job.fingerprint;
    manifest.documents = {{"sr.dcm", "1.2.840.10008.5.1.4.1.1.88.34", "1.1", 1, Sha256Hex("x")}};
    job_protocol->OnMessage("p", protocol::Message(manifest));
    job_protocol->OnMessage("p", protocol::Message(protocol::ResultChunk{job.lease, 0, 0, "x"}));
    ExpectRetry(id);
  }
}

// Throws as often as the test sets.
class ThrowingClock final : public Clock {
 public:
  UnixMs Now() const override {
    Throw();
    return 0;
  }
  SteadyMs Steady() const override {
    Throw();
    return ++steady_ms;
  }
  mutable std::atomic<int> left = 0;
  mutable std::atomic<SteadyMs> steady_ms = 0;

 private:
  void Throw() const {
    if (left > 0 && left-- > 0) throw std::bad_alloc();
  }
};

TEST(Thrown, TheSocketThreadGoesOn) {
  FakeArchive archive;
  TemporaryLedger ledger(0);
  ThrowingClock clock;
  RouterOptions router;
  router.endpoint = "tcp://127.0.0.1:*";
  Dispatcher dispatcher(
      archive, *ledger.store, clock, router, {},
      [](const Job&) -> Result<Material> { return Material{}; }, [] {}, [] {});
  ASSERT_TRUE(Soon([&] { return dispatcher.GetStatus().listening; }));
  clock.left = 5;
  ASSERT_TRUE(Soon([&] { return clock.left <= 0; }));
  EXPECT_TRUE(Soon([&] { return dispatcher.GetStatus().trouble.empty(); }));
  const SteadyMs then = clock.steady_ms;
  EXPECT_TRUE(Soon([&] { return clock.steady_ms > then + 5; }));
}

TEST(Thrown, TheForwarderGoesOn) {
  FakeArchive archive;
  TemporaryLedger ledger(0);
  ThrowingClock clock;
  Forwarder forwarder(archive, *ledger.store, clock, {});
  for (int i = 0; i < 3; ++i) {
    clock.left = 1;
    ASSERT_TRUE(Soon([&] {
      forwarder.Wake();
      return clock.left <= 0;
    }));
  }
}

}  // namespace
}  // namespace osteon::plugin
