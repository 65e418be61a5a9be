// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/digest/post.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <ctime>
#include <memory>

#include "pipelines/base/version.h"

namespace osteon::plugin {
namespace {

constexpr long kConnectSeconds = 10;
constexpr long kTotalSeconds = 30;

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, FreeHandle>;

struct FreeMime {
  void operator()(curl_mime* mime) const { curl_mime_free(mime); }
};

class Lines {
 public:
  Lines() = default;
  ~Lines() { curl_slist_free_all(list_); }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  void Add(const std::string& line) { list_ = curl_slist_append(list_, line.c_str()); }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

int StopWhenAsked(void* stopping, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return *static_cast<const std::atomic<bool>*>(stopping) ? 1 : 0;
}

std::size_t Swallow(char*, std::size_t size, std::size_t count, void*) { return size * count; }

Handle Open(const std::atomic<bool>& stopping, char* said) {
  Handle handle(curl_easy_init());
  if (!handle) return handle;
  CURL* const curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, kTotalSeconds);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, said);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, StopWhenAsked);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA,
                   const_cast<void*>(static_cast<const void*>(&stopping)));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Swallow);
  return handle;
}

Error Failed(const std::string& what, CURLcode code, const char* said, CURL* curl) {
  long reply = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
  return Unavailable(what + ": " + (*said ? said : curl_easy_strerror(code)) +
                     (reply > 0 ? fmt::format(" (it answered {})", reply) : ""));
}

// RFC 5322, section 3.3.
std::string MailDate() {
  const std::time_t now = std::time(nullptr);
  std::tm local = {};
  localtime_r(&now, &local);
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S %z", &local);
  return text;
}

std::string Joined(const std::vector<std::string>& addresses) {
  return fmt::format("{}", fmt::join(addresses, ", "));
}

}  // namespace

Status SendMail(const MailOptions& options, const Letter& letter,
                const std::atomic<bool>& stopping) {
  std::array<char, CURL_ERROR_SIZE> said = {};
  const Handle handle = Open(stopping, said.data());
  if (!handle) return Unavailable("mail: no memory");
  CURL* const curl = handle.get();
  Lines to, headers;
  for (const std::string& address : options.to) to.Add("<" + address + ">");
  headers.Add("Date: " + MailDate());
  headers.Add("From: " + options.from);
  headers.Add("To: " + Joined(options.to));
  headers.Add("Subject: " + letter.subject);
  headers.Add("Message-ID: <" + letter.id + "@osteon>");
  headers.Add("Auto-Submitted: auto-generated");  // RFC 3834: no holiday replies.
  const std::unique_ptr<curl_mime, FreeMime> mime(curl_mime_init(curl));
  curl_mimepart* const part = curl_mime_addpart(mime.get());
  curl_mime_data(part, letter.text.data(), letter.text.size());
  curl_mime_type(part, "text/plain; charset=utf-8");
  curl_mime_encoder(part, "quoted-printable");
  const std::string from = "<" + options.from + ">";
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_URL, options.server.c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to.get());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_MIMEPOST, mime.get());
  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) return Failed("mail by " + options.server, code, said.data(), curl);
  return {};
}

Status PostWebhook(const WebhookOptions& options, const Letter& letter,
                   const std::atomic<bool>& stopping) {
  std::array<char, CURL_ERROR_SIZE> said = {};
  const Handle handle = Open(stopping, said.data());
  if (!handle) return Unavailable("webhook: no memory");
  CURL* const curl = handle.get();
  Lines headers;
  headers.Add("Content-Type: application/json");
  headers.Add("Idempotency-Key: " + letter.id);
  headers.Add("User-Agent: osteon/" + std::string(kVersion));
  headers.Add("Expect:");
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  if (!options.proxy.empty()) curl_easy_setopt(curl, CURLOPT_PROXY, options.proxy.c_str());
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
  curl_easy_setopt(curl, CURLOPT_URL, options.url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(letter.json.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, letter.json.data());
  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) return Failed("webhook", code, said.data(), curl);
  long reply = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
  if (reply < 200 || reply > 299) return Unavailable(fmt::format("webhook: it answered {}", reply));
  return {};
}

}  // namespace osteon::plugin
