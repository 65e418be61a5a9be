// SPDX-License-Identifier: GPL-3.0-or-later
// The worker's part of daemon/protocol/README.md: what it does about each message, each child that
// ends, and time. Events in, messages out through one function; sockets and waiting are in loop.h,
// so a test can call this with any clock. Thread-compatible.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/protocol/messages.h"
#include "daemon/worker/child.h"
#include "daemon/worker/config.h"
#include "daemon/worker/live_settings.h"
#include "daemon/worker/offer.h"
#include "daemon/worker/receiver.h"
#include "daemon/worker/spool.h"
#include "daemon/worker/worker_metrics.h"
#include "pipelines/base/clock.h"
#include "pipelines/pipeline.h"

namespace osteon {

class Worker {
 public:
  // False: the connection does not take it now.
  using Send = std::function<bool(const protocol::Message&)>;

  // Takes over the offers found in the spool.
  Worker(Settings settings, Spool spool, Send send);

  void OnConnected(SteadyMs now);
  void OnDisconnected();
  void OnMessage(const protocol::Message& message, SteadyMs now);
  // Looks at children, time-outs and repeats. Call it when a child's report_fd is readable, and a
  // few times a second.
  void OnTick(SteadyMs now);
  // The connection takes more: goes on sending results.
  void OnWritable(SteadyMs now);

  // Jobs from now on have these settings, and the plugin hears of them by a new HELLO; running jobs
  // keep theirs.
  void Use(Settings settings, SteadyMs now);
  // What is wrong here, for the plugin's administrator; empty: nothing.
  void SetTrouble(std::string trouble);

  // Takes no new job; running ones have drain_seconds. At the second call they have none.
  void Drain(SteadyMs now);
  // Draining and nothing left to wait for.
  bool Finished() const { return finished_; }

  bool WantsToWrite() const;
  std::vector<int> ReportFds() const;
  WorkerFigures Figures() const;

 private:
  // A job between JOB and its outcome.
  struct Active {
    protocol::Job job;
    std::filesystem::path run;
    Receiver receiver;
    std::optional<Child> child;  // Set once everything is received.
    std::string stage = "receive";
    double fraction = 0;
    SteadyMs touch_at = 0;
    SteadyMs last_piece = 0;  // When something new arrived last.
    SteadyMs ask_again_at = 0;
  };

  void Take(const protocol::Job& job, SteadyMs now);
  void Take(const protocol::Instance& piece, SteadyMs now);
  void Take(const protocol::Committed& committed, SteadyMs now);
  void Take(const protocol::Stale& stale, SteadyMs now);
  void Take(const protocol::Cancel& cancel, SteadyMs now);
  void Take(const protocol::Refused& refused, SteadyMs now);

  // Answers a job that is already here in some form; false when it is not.
  bool AnswerKnown(const protocol::Job& job, SteadyMs now);
  std::optional<Error> WhyNot(const protocol::Job& job) const;
  void StartChild(Active& active, SteadyMs now);
  // How an attempt ended without a result.
  struct Loss {
    Error error;
    protocol::Ending ending = protocol::Ending::kAnswered;
  };
  // Each returns nothing while the attempt goes on or has a result.
  std::optional<Loss> AdvanceReceiving(Active& active, SteadyMs now);
  std::optional<Loss> AdvanceRunning(Active& active, SteadyMs now);
  void AskForMore(Active& active, SteadyMs now);
  void Touch(Active& active, SteadyMs now);
  void Fail(const protocol::Lease& lease, const std::string& stage, const Loss& loss, SteadyMs now);
  void AddOffer(SpooledOffer spooled, SteadyMs now);
  bool Say(const protocol::Message& message) const { return greeted_ && send_(message); }
  void Forget(protocol::Lease lease);
  void AdvanceDrain(SteadyMs now);
  void Greet(SteadyMs now);
  protocol::Hello HelloMessage() const;
  void SendReady(SteadyMs now);
  std::uint32_t FreeSlots() const;

  WorkerConfig config_;
  PipelineIdentity pipeline_;
  Spool spool_;
  Send send_;
  std::map<std::string, Active> active_;  // By job id.
  std::map<std::string, Offer> offers_;   // By job id; never the same as in active_.

  bool connected_ = false;
  bool greeted_ = false;
  SteadyMs greet_at_ = 0;
  SteadyMs ready_at_ = 0;
  std::string trouble_;
  std::optional<std::uint32_t> announced_;  // Free slots of the last READY.
  std::optional<SteadyMs> drain_until_;
  SteadyMs listen_until_ = 0;  // A JOB sent before the drain began may still arrive until then.
  std::optional<SteadyMs> leave_at_;
  bool finished_ = false;
  WorkerFigures totals_;  // The totals only.
};

// "job 17 attempt 2", for logs.
std::string Describe(const protocol::Lease& lease);

}  // namespace osteon
