// SPDX-License-Identifier: GPL-3.0-or-later
// The thread that sends the morning digest, by mail and to a webhook: each local day once by each
// way, whatever is restarted and however many Orthancs share the ledger. Waits for nobody but the
// other side, so nothing waits for it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <string>
#include <thread>

#include "orthanc-plugin/digest/digest.h"
#include "orthanc-plugin/digest/post.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/mutex.h"

namespace osteon::plugin {

struct DigestOptions {
  int minute_of_day = 7 * 60;  // Local time.
  MailOptions mail;
  WebhookOptions webhook;
};

inline bool IsSent(const DigestOptions& options) {
  return !options.mail.server.empty() || !options.webhook.url.empty();
}

// The digests of the last morning that have not got out, but for those by one way, as words; empty
// when all have.
std::string UnsentDigests(JobStore& store, const DigestOptions& options,
                          const std::string& but_not_by = "");

class DigestSender {
 public:
  // References must outlive the sender. `live` is called on its thread; its trouble is without
  // unsent digests, of which a letter tells only those by another way. It runs from here until
  // Stop.
  DigestSender(JobStore& store, const Clock& clock, DigestOptions options,
               std::function<LiveState()> live);
  ~DigestSender();
  DigestSender(const DigestSender&) = delete;
  DigestSender& operator=(const DigestSender&) = delete;

  // Ends what is being sent. Idempotent.
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
  Mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace osteon::plugin
