// SPDX-License-Identifier: GPL-3.0-or-later
// A request to a REST route and the reply to it, as values: nothing of Orthanc's HTTP server is
// seen here.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"

namespace osteon::plugin {

enum class HttpMethod { kGet, kPost, kOther };

struct HttpRequest {
  HttpMethod method = HttpMethod::kGet;
  std::string path;  // "/osteon/jobs/7".
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> headers;  // Names in lower case.
  std::string body;
};

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::map<std::string, std::string> headers;
};

// {"error": ...} with the status that belongs to the code.
HttpReply ErrorReply(int status, std::string_view message);
HttpReply ErrorReply(const Error& error);

// Why a request that changes something may be forged; empty when it may not. A page of another site
// can make a browser send our user's password along, but not the header X-Osteon, and the browser
// names that page's origin. Orthanc itself has no such protection.
std::string WhyForged(const HttpRequest& request);

// "operator alice" from HTTP Basic authentication (which Orthanc has checked), else "operator".
std::string Actor(const HttpRequest& request);

}  // namespace osteon::plugin
