// SPDX-License-Identifier: GPL-3.0-or-later
// The job protocol of one or several Orthancs on one ledger; the test plays workers, archive I/O
// and clock.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "orthanc-plugin/dispatch/job_protocol.h"
#include "pipelines/base/digest.h"
#include "tests/orthanc-plugin/fakes.h"

namespace osteon::plugin {

// What the Orthancs of one hospital share.
struct Hospital {
  JobId AddReadyJob(const std::string& study = "s1") {
    JobStore::Touch touch;
    touch.study_ids = {study};
    touch.now_ms = clock.now_ms;
    EXPECT_TRUE(ledger.store->RecordChanges(touch));
    const JobId id = (*ledger.store->Latest(study))->id;
    JobPatch patch;
    patch.inputs_hash = "inputs of " + study;
    EXPECT_TRUE(
        ledger.store->Apply({id, JobEvent::kGateOpened, "test", "", {}, patch}, clock.now_ms));
    EXPECT_TRUE(ledger.store->Settle(**ledger.store->FindStudyRow(study), "", std::nullopt));
    return id;
  }
  Job Stored(JobId id) { return **ledger.store->Find(id); }

  FakeClock clock;
  TemporaryLedger ledger{clock.now_ms};
  JobProtocolOptions options;
};

// One Orthanc with its job protocol.
class TestOrthanc {
 public:
  explicit TestOrthanc(Hospital& hospital) : hospital_(hospital) { MakeProtocol(); }

  // As at a restart.
  void MakeProtocol() {
    JobActions actions;
    actions.send = [this](const PeerId& peer, const protocol::Message& message) {
      if (gone.contains(peer)) return false;
      sent.emplace_back(peer, message);
      return true;
    };
    actions.prepare = [this](const Job& job, const PeerId& peer) {
      prepared.emplace_back(job, peer);
    };
    actions.fetch = [this](const Job& job, const PeerId&, const protocol::Fetch&) {
      fetched.push_back(job.id);
    };
    actions.deliver = [this](const Job& job, const std::vector<ReceivedDocument>& documents,
                             DeliveryMode mode) {
      delivered.push_back(job);
      delivered_documents = documents.size();
      delivery_mode = mode;
    };
    actions.forget = [](JobId) {};
    actions.copies_wait = [] {};
    actions.retry_waits = [this] { ++retries; };
    job_protocol = std::make_unique<JobProtocol>(*hospital_.ledger.store, hospital_.clock,
                                                 hospital_.options, std::move(actions));
    ASSERT_TRUE(job_protocol->Start());
  }

  void Say(const protocol::Message& message, const PeerId& peer = "p1") {
    job_protocol->OnMessage(peer, message);
  }
  void Join(const PeerId& peer = "p1") {
    Say(protocol::Hello{"w-" + peer, "1", "pipeline", "1", "hash", 1}, peer);
    Say(protocol::Ready{1}, peer);
  }
  // A worker joins and gets the job and its JOB message.
  protocol::Job Take(const PeerId& peer = "p1") {
    Join(peer);
    EXPECT_FALSE(prepared.empty());
    const auto [job, to] = prepared.back();
    Material material;
    material.instances = {{MaterialRole::kStudy, "i", "1.2", "1.2.1", 10, std::string(32, 'a')}};
    job_protocol->OnReply(Prepared{job, to, material});
    const auto* message = LastSent<protocol::Job>();
    EXPECT_NE(message, nullptr);
    return message ? *message : protocol::Job{};
  }
  void Offer(const protocol::Job& job, const std::string& text = "document",
             const PeerId& peer = "p1") {
    Offer(job, protocol::ResultManifest(), text, peer);
  }
  void OfferNotEvaluable(const protocol::Job& job, const std::string& why) {
    protocol::ResultManifest manifest;
    manifest.outcome = protocol::ResultOutcome::kNotEvaluable;
    manifest.reason = why;
    Offer(job, std::move(manifest), "document", "p1");
  }
  void Offer(const protocol::Job& job, protocol::ResultManifest manifest, const std::string& text,
             const PeerId& peer) {
    manifest.lease = job.lease;
    manifest.fingerprint = job.fingerprint;
    manifest.documents = {
        {"sr.dcm", "1.2.840.10008.5.1.4.1.1.88.34", "1.1", text.size(), Sha256Hex(text)}};
    Say(manifest, peer);
    Say(protocol::ResultChunk{job.lease, 0, 0, text}, peer);
  }
  void FinishDelivery(Status status = {}) {
    const Job job = delivered.back();
    job_protocol->OnReply(Delivered{job, std::move(status)});
  }

  template <typename T>
  const T* LastSent() {
    return sent.empty() ? nullptr : std::get_if<T>(&sent.back().second);
  }

  std::unique_ptr<JobProtocol> job_protocol;
  std::deque<std::pair<PeerId, protocol::Message>> sent;
  std::vector<std::pair<Job, PeerId>> prepared;
  std::vector<JobId> fetched;
  std::vector<Job> delivered;
  std::size_t delivered_documents = 0;
  DeliveryMode delivery_mode = DeliveryMode::kStore;
  std::set<PeerId> gone;
  int retries = 0;  // Calls of retry_waits.

 private:
  Hospital& hospital_;
};

// A hospital with one Orthanc.
class JobProtocolFixture : public testing::Test, protected Hospital, protected TestOrthanc {
 protected:
  JobProtocolFixture() : TestOrthanc(static_cast<Hospital&>(*this)) {}
};

}  // namespace osteon::plugin
