// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/web/http.h"

#include <nlohmann/json.hpp>

#include "pipelines/base/base64.h"

namespace osteon::plugin {
namespace {

std::string Header(const HttpRequest& request, const char* name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "" : found->second;
}

int StatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidInput:
      return 400;
    case ErrorCode::kUnsupported:
      return 422;
    case ErrorCode::kCancelled:
      return 409;
    case ErrorCode::kNotReady:
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

}  // namespace

HttpReply ErrorReply(int status, std::string_view message) {
  nlohmann::json json;
  json["error"] = message;
  HttpReply reply;
  reply.status = status;
  reply.body = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return reply;
}

HttpReply ErrorReply(const Error& error) {
  return ErrorReply(StatusOf(error.code()), error.message());
}

std::string WhyForged(const HttpRequest& request) {
  if (!request.headers.contains("x-osteon")) return "actions need the header X-Osteon (any value)";
  const std::string site = Header(request, "sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none")
    return "the request comes from another site";
  const std::string origin = Header(request, "origin");
  if (origin.empty()) return {};
  const auto scheme = origin.find("://");
  const std::string host = scheme == std::string::npos ? origin : origin.substr(scheme + 3);
  // Behind a reverse proxy the browser's host is the forwarded one.
  const bool same = host == Header(request, "host") || host == Header(request, "x-forwarded-host");
  return same ? "" : "the request comes from another origin";
}

std::string Actor(const HttpRequest& request) {
  const std::string authorization = Header(request, "authorization");
  const std::string_view basic = "Basic ";
  if (!authorization.starts_with(basic)) return "operator";
  const std::string decoded =
      DecodeBase64(std::string_view(authorization).substr(basic.size())).value_or("");
  std::string user;
  for (const char c : decoded.substr(0, decoded.find(':')).substr(0, 64))
    user += c > ' ' && c < 127 ? c : '_';
  return user.empty() ? "operator" : "operator " + user;
}

}  // namespace osteon::plugin
