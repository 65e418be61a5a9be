// SPDX-License-Identifier: GPL-3.0-or-later
// Sends a digest: one mail by SMTP, or one POST by HTTP, with libcurl. Both block for at most 30 s,
// and return early when `stopping` becomes true. They may be called on any thread.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon::plugin {

struct MailOptions {
  std::string server;  // URL such as "smtp://localhost:25" or "smtps://..."; empty: no mail.
  std::string from;    // Addresses without a name: "osteon@hospital.example".
  std::vector<std::string> to;
};

struct WebhookOptions {
  std::string url;    // May hold a secret, so no error or log names it. Empty: no webhook.
  std::string proxy;  // Orthanc's "HttpProxy"; empty: none. Not used for this machine.
};

struct Letter {
  std::string subject;  // One line of ASCII.
  std::string text;     // The mail's body, UTF-8.
  std::string json;     // The webhook's body.
  std::string id;  // Message-ID or Idempotency-Key. The same at each try, so that the receiver can
                   // recognise a repetition.
};

// Sends `text`. kUnavailable: what went wrong, with the server's reply code.
Status SendMail(const MailOptions& options, const Letter& letter,
                const std::atomic<bool>& stopping);
// Posts `json` as application/json. kUnavailable: what went wrong, or an answer other than 2xx;
// redirections are not followed.
Status PostWebhook(const WebhookOptions& options, const Letter& letter,
                   const std::atomic<bool>& stopping);

}  // namespace osteon::plugin
