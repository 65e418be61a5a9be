// SPDX-License-Identifier: GPL-3.0-or-later
// One mail by SMTP, or one POST by HTTP, by libcurl. Both wait for at most half a minute.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon::plugin {

struct MailOptions {
  std::string server;  // "smtp://localhost:25", or smtps://. Empty: no mail.
  std::string from;
  std::vector<std::string> to;
};

struct WebhookOptions {
  std::string url;    // May hold a secret: it is in no message. Empty: no webhook.
  std::string proxy;  // Orthanc's "HttpProxy".
};

struct Letter {
  std::string subject;  // ASCII, one line.
  std::string text;     // UTF-8.
  std::string json;
  std::string id;  // The same each time it is tried, so that the other side may know it again.
};

// Both end early when `stopping` becomes true. Errors: kUnavailable with what went wrong and what
// the other side said.
Status SendMail(const MailOptions& options, const Letter& letter,
                const std::atomic<bool>& stopping);
// The JSON, as application/json. Whatever is not 2xx is an error; redirections are not followed.
Status PostWebhook(const WebhookOptions& options, const Letter& letter,
                   const std::atomic<bool>& stopping);

}  // namespace osteon::plugin
