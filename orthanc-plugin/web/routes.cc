// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/web/routes.h"

#include <charconv>
#include <vector>

#include "orthanc-plugin/web/actions.h"
#include "orthanc-plugin/web/page.h"
#include "orthanc-plugin/web/views.h"

namespace osteon::plugin {
namespace {

std::vector<std::string> Split(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (slash != 0) parts.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return parts;
}

std::optional<JobId> ParseJobId(const std::string& text) {
  JobId id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size() || id < 1) return std::nullopt;
  return id;
}

HttpReply NotAllowed(const char* allowed) {
  HttpReply reply = ErrorReply(405, std::string("only ") + allowed + " here");
  reply.headers["Allow"] = allowed;
  return reply;
}

// To the page, by a relative address: a proxy may have put a prefix before all of Orthanc's.
HttpReply ToPage(const HttpRequest& request) {
  HttpReply reply;
  reply.status = 302;
  reply.headers["Location"] = request.path.back() == '/' ? "app/" : "osteon/app/";
  return reply;
}

HttpReply Get(const WebContext& context, const HttpRequest& request,
              const std::vector<std::string>& path) {
  const std::string& first = path.front();
  if (first == "status" && path.size() == 1) return StatusView(context);
  if (first == "digest" && path.size() == 1) return DigestView(context, request);
  if (first == "jobs" && path.size() == 1) return JobsView(context, request);
  if (first == "jobs" && path.size() == 2) {
    const auto id = ParseJobId(path[1]);
    return id ? JobView(context, *id) : ErrorReply(404, "a job is named by its number");
  }
  if (first == "explain" && path.size() == 2) return ExplainView(context, path[1]);
  // Orthanc drops a trailing slash, so the page may think that it lives one folder higher; its
  // files are there, too.
  if (first == "app" && path.size() <= 2) return PageFile(path.size() == 2 ? path[1] : "");
  if (first.starts_with("app.") && path.size() == 1) return PageFile(first);
  if ((first == "jobs" && path.size() == 3) || first == "backfill" || first == "selftest" ||
      HoldFromAction(first))
    return NotAllowed("POST");
  return ErrorReply(404, "there is no such route");
}

HttpReply Post(const WebContext& context, const HttpRequest& request,
               const std::vector<std::string>& path) {
  const auto action =
      path.size() == 3 && path[0] == "jobs" ? JobActionFromName(path[2]) : std::nullopt;
  const bool backfill = path.size() == 1 && path[0] == "backfill";
  const bool selftest = path.size() == 1 && path[0] == "selftest";
  const bool start = path.size() == 2 && path[0] == "selftest" && path[1] == "start";
  const auto hold = path.size() == 1 ? HoldFromAction(path[0]) : std::nullopt;
  const bool resend = path.size() == 3 && path[0] == "jobs" && path[2] == "resend";
  if (!action && !backfill && !selftest && !start && !resend && !hold) {
    const HttpReply as_get = Get(context, request, path);
    return as_get.status == 404 ? as_get : NotAllowed("GET");
  }
  if (const std::string forged = WhyForged(request); !forged.empty())
    return ErrorReply(403, forged);
  if (backfill) return StartBackfill(context, request);
  if (selftest) return KeepSelftest(context, request);
  if (start) return StartSelftest(context, request);
  if (hold) return ChangeHold(context, request, *hold);
  const auto id = ParseJobId(path[1]);
  if (id && resend) return ResendCopies(context, *id);
  return id ? ActOnJob(context, request, *id, *action)
            : ErrorReply(404, "a job is named by its number");
}

}  // namespace

HttpReply Answer(const WebContext& context, const HttpRequest& request) {
  std::vector<std::string> path = Split(request.path);
  if (!path.empty()) path.erase(path.begin());  // "osteon"
  HttpReply reply;
  if (path.empty())
    reply = request.method == HttpMethod::kGet ? ToPage(request) : NotAllowed("GET");
  else if (request.method == HttpMethod::kGet)
    reply = Get(context, request, path);
  else if (request.method == HttpMethod::kPost)
    reply = Post(context, request, path);
  else
    reply = NotAllowed("GET, POST");
  reply.headers["X-Content-Type-Options"] = "nosniff";
  reply.headers["Cache-Control"] = "no-store";
  return reply;
}

}  // namespace osteon::plugin
