// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/digest/sender.h"

#include <fmt/core.h>

#include <chrono>

#include "orthanc-plugin/digest/digest_words.h"
#include "orthanc-plugin/digest/timetable.h"
#include "orthanc-plugin/dispatch/retry.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/guarded.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {
namespace {

constexpr const char* kMail = "mail";
constexpr const char* kWebhook = "webhook";
constexpr std::chrono::seconds kLookAgain(5);
// Longer than sending may take: after it the process that claimed a digest counts as dead.
constexpr UnixMs kClaimMs = 120'000;
constexpr SteadyMs kSettleMs = 60'000;  // After a start, at most.
constexpr UnixMs kDayMs = 86'400'000;
constexpr UnixMs kLongestPeriodMs = 31 * kDayMs;
constexpr RetryPolicy kRetry = {.max_failures = 0, .base_ms = 60'000, .max_ms = 1'800'000};
constexpr int kLookedThrough = 100;

bool IsWay(const DigestOptions& options, const std::string& way) {
  return way == kMail ? !options.mail.server.empty() : !options.webhook.url.empty();
}

std::string Tries(int attempts) {
  return fmt::format("{}{}", attempts, attempts == 1 ? " try" : " tries");
}

}  // namespace

std::string UnsentDigests(JobStore& store, const DigestOptions& options,
                          const std::string& but_not_by) {
  if (!IsSent(options)) return {};
  const auto rows = store.Sendings(2);
  if (!rows) return {};  // Another check reports that the ledger does not answer.
  std::string text;
  for (const DigestSending& row : *rows) {
    if (row.day != rows->front().day || row.state != "waiting" || row.way == but_not_by ||
        !IsWay(options, row.way))
      continue;
    text += std::string(text.empty() ? "" : "; ") + "the digest of " + row.day +
            " could not be sent by " + row.way + " (" + Tries(row.attempts) + "): " + row.reason;
  }
  return text;
}

DigestSender::DigestSender(JobStore& store, const Clock& clock, DigestOptions options,
                           std::function<LiveState()> live)
    : store_(store),
      clock_(clock),
      options_(std::move(options)),
      live_(std::move(live)),
      settled_ms_(clock.Steady() + kSettleMs),
      thread_([this] { Run(); }) {}

DigestSender::~DigestSender() { Stop(); }

void DigestSender::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void DigestSender::Run() {
  std::string told;
  while (!stopping_) {
    const Status done = Guarded("send the digest", [this] { return Round(); });
    const std::string trouble = done ? std::string() : done.error().message();
    if (!trouble.empty() && trouble != told) LogWarning("digest: " + trouble);
    told = trouble;
    MutexLock lock(mutex_);
    lock.WaitFor(changed_, kLookAgain, [this] { return stopping_.load(); });
  }
}

Status DigestSender::Round() {
  // Right after a start the first comparison of all studies runs, which reads as trouble.
  if (clock_.Steady() < settled_ms_ && !live_().trouble.empty()) return {};
  const auto born_ms = store_.BornMs();
  if (!born_ms) return born_ms.error();
  Status all;
  for (const char* way : {kMail, kWebhook}) {
    if (!IsWay(options_, way)) continue;
    // A way that fails does not keep the other one from being tried.
    if (Status sent = SendBy(way, *born_ms); !sent) all = std::move(sent);
  }
  return all;
}

Status DigestSender::SendBy(const char* way, UnixMs born_ms) {
  const UnixMs now_ms = clock_.Now();
  const Morning morning = LastMorning(options_.minute_of_day, now_ms);
  if (born_ms > morning.at_ms) return {};  // Nothing is known of earlier times.
  const auto claimed =
      store_.ClaimSending(morning.day, way, now_ms, now_ms + kClaimMs, kRetry.max_ms + kClaimMs);
  if (!claimed) return claimed.error();
  if (!claimed->has_value()) return {};
  // The period begins where the last digest that was sent ended: no gap, no overlap.
  const auto earlier = store_.Sendings(kLookedThrough);
  if (!earlier) return earlier.error();
  UnixMs from_ms = morning.at_ms - kDayMs;
  for (const DigestSending& row : *earlier) {
    if (row.way != way || row.state != "sent" || row.until_ms > now_ms) continue;
    from_ms = std::max(row.until_ms, now_ms - kLongestPeriodMs);
    break;
  }
  const auto letter = Write(**claimed, from_ms, now_ms);
  Status sent = !letter                     ? Status(letter.error())
                : std::string(way) == kMail ? SendMail(options_.mail, *letter, stopping_)
                                            : PostWebhook(options_.webhook, *letter, stopping_);
  DigestSending row = **claimed;
  row.state = sent ? "sent" : "waiting";
  row.until_ms = sent ? now_ms : 0;
  row.reason = sent ? "" : sent.error().message();
  // After an abort by Stop it is tried again at once at the next start.
  row.not_before_ms =
      stopping_ ? now_ms : clock_.Now() + RetryDelayMs(kRetry, row.attempts, /*jitter=*/1);
  if (Status updated = store_.UpdateSending(**claimed, row); !updated) return updated;
  if (sent) LogInfo("digest: that of " + row.day + " went out by " + way);
  return sent;
}

Result<Letter> DigestSender::Write(const DigestSending& claimed, UnixMs from_ms, UnixMs now_ms) {
  const auto born_ms = store_.BornMs();
  if (!born_ms) return born_ms.error();
  const Period period{from_ms, now_ms};
  const auto rows = store_.RowsOf(period);
  if (!rows) return rows.error();
  LiveState live = live_();
  if (std::string unsent = UnsentDigests(store_, options_, claimed.way); !unsent.empty())
    live.trouble.push_back(std::move(unsent));
  const MorningDigest digest = MakeDigest(*rows, period, live, now_ms);
  Letter letter;
  letter.subject = DigestHeadline(digest);
  letter.text = DigestText(digest, now_ms);
  letter.json = DigestJson(digest, now_ms);
  letter.id = claimed.day + "." + Sha256Hex(std::to_string(*born_ms)).substr(0, 12);
  return letter;
}

}  // namespace osteon::plugin
