// SPDX-License-Identifier: GPL-3.0-or-later
// The thread that sends the morning digest by mail and to a webhook: once for each local day and
// way, also over restarts and when several Orthancs share the ledger (README.md says how, and when
// a digest may be sent twice).
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <string>
#include <thread>

#include "orthanc-plugin/digest/morning_digest.h"
#include "orthanc-plugin/digest/post.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/mutex.h"

namespace osteon::plugin {

struct DigestOptions {
  int minute_of_day = 7 * 60;  // When it is due, in local time: 0..1439.
  MailOptions mail;
  WebhookOptions webhook;
};

// Whether any way of sending is configured.
inline bool IsSent(const DigestOptions& options) {
  return !options.mail.server.empty() || !options.webhook.url.empty();
}

// Says which ways have failed to send the digest of the last morning, with the reason. Empty when
// none has, or when the ledger cannot be read. The way `but_not_by` ("mail", "webhook") is left
// out.
std::string UnsentDigests(JobStore& store, const DigestOptions& options,
                          const std::string& but_not_by = "");

class DigestSender {
 public:
  // Starts the thread, which runs until Stop. REQUIRES: the references outlive the sender; `live`
  // may be called on its thread, and its trouble does not contain UnsentDigests (a digest does not
  // report its own failure, only that of the other way).
  DigestSender(JobStore& store, const Clock& clock, DigestOptions options,
               std::function<LiveState()> live);
  ~DigestSender();
  DigestSender(const DigestSender&) = delete;
  DigestSender& operator=(const DigestSender&) = delete;

  // Aborts what is being sent and joins the thread. The digest is tried again after the next start.
  // Idempotent.
  void Stop();

 private:
  void Run();
  Status Round();
  Status SendBy(const char* way, UnixMs born_ms);
  Result<Letter> Write(const DigestSending& claimed, UnixMs from_ms, UnixMs now_ms);

  JobStore& store_;
  const Clock& clock_;
  const DigestOptions options_;
  const std::function<LiveState()> live_;
  const SteadyMs settled_ms_;
  Mutex mutex_;  // Held while stopping_ is set, so that the wait in Run does not miss it.
  std::condition_variable changed_;
  std::atomic<bool> stopping_ = false;  // Read without the mutex while a digest is being sent.
  std::thread thread_;
};

}  // namespace osteon::plugin
