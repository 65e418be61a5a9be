// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/orthanc_client.h"

#include <fmt/core.h>
#include <httplib.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <functional>

namespace osteon::cli {
namespace {

constexpr time_t kConnectSeconds = 5;
constexpr time_t kReadSeconds = 60;  // For a large instance, or a backfill of years.

Result<std::string> ReadPassword(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string line;
  if (!std::getline(stream, line)) {
    return InvalidInput("--password-file: no password in " + file.string());
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

// The server's error message; the plugin and Orthanc use different keys for it.
std::string Words(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  for (const char* key : {"error", "Details", "Message"}) {
    if (json.is_object() && json.contains(key) && json[key].is_string()) {
      return ": " + json[key].get<std::string>();
    }
  }
  return {};
}

Error FromStatus(const httplib::Response& reply, const std::string& what) {
  const std::string status = std::to_string(reply.status);
  if (reply.status == 401 || reply.status == 403) {
    return InvalidInput(what + ": the server refuses (" + status + ")" + Words(reply.body) +
                        "; see --user and --password-file");
  }
  if (reply.status == 404) return InvalidInput(what + ": not found" + Words(reply.body));
  if (reply.status >= 400 && reply.status < 500) {
    return InvalidInput(what + ": refused (" + status + ")" + Words(reply.body));
  }
  const std::string answered = what + ": the server answered " + status + Words(reply.body);
  // A proxy before an Orthanc that does not run yet.
  if (reply.status >= 502 && reply.status <= 504) return NotReady(answered);
  return Internal(answered);
}

// "https://pacs/orthanc/" is the server "https://pacs" and the prefix "/orthanc" of each path.
struct Address {
  std::string origin, path;
};

Address SplitUrl(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  const auto scheme = url.find("://");
  const auto slash = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (slash == std::string::npos) return {url, ""};
  return {url.substr(0, slash), url.substr(slash)};
}

Error NoAnswer(const ServerOptions& server, httplib::Error error) {
  const std::string why = server.url + " does not answer (" + httplib::to_string(error) + ")";
  if (error == httplib::Error::SSLServerVerification || error == httplib::Error::SSLLoadingCerts)
    return Unavailable(why +
                       ": its certificate is not trusted; give the certificate of its authority by "
                       "--ca-file, and use the host name of the certificate in --url");
  // A container's port is open before its program is, and then closes.
  const bool may_start = error == httplib::Error::Connection || error == httplib::Error::Read;
  const std::string question = why + ": is Orthanc running, and is --url right?";
  return may_start && IsOfThisMachine(server.url) ? NotReady(question) : Unavailable(question);
}

using Call = std::function<httplib::Result(httplib::Client&, const httplib::Headers&,
                                           const std::string& full_path)>;

Result<std::string> Request(const ServerOptions& server, const std::string& what,
                            const Call& call) {
  try {
    const Address address = SplitUrl(server.url);
    httplib::Client client(address.origin);
    if (!server.ca_file.empty()) client.set_ca_cert_path(server.ca_file.c_str());
    client.set_connection_timeout(kConnectSeconds);
    client.set_read_timeout(kReadSeconds);
    if (!server.user.empty()) {
      Result<std::string> password = ReadPassword(server.password_file);
      if (!password) return std::move(password).error();
      client.set_basic_auth(server.user.c_str(), password->c_str());
    }
    const httplib::Result reply = call(client, {{"X-Osteon", "1"}}, address.path + what);
    if (!reply) return NoAnswer(server, reply.error());
    if (reply->status < 200 || reply->status > 299) return FromStatus(*reply, what);
    return reply->body;
  } catch (const std::exception& e) {
    return InvalidInput(server.url + ": " + e.what());
  }
}

std::string CheckUrl(const std::string& url) {
  const auto scheme = url.find("://");
  const bool known =
      scheme == std::string::npos || url.starts_with("http://") || url.starts_with("https://");
  return known && !url.empty() ? ""
                               : "'" + url + "' is no address that begins with http:// or https://";
}

Result<Json> AsJson(Result<std::string> body, const std::string& what) {
  if (!body) return std::move(body).error();
  Json json = Json::parse(*body, nullptr, false);
  if (json.is_discarded()) return Internal(what + ": the server did not answer with JSON");
  return json;
}

}  // namespace

void AddServerOptions(CLI::App& command, ServerOptions& options) {
  command.add_option("--url", options.url, "Orthanc's address")
      ->check(CLI::Validator(CheckUrl, "URL"))
      ->capture_default_str();
  CLI::Option* user = command.add_option("--user", options.user, "User of Orthanc");
  CLI::Option* password = command.add_option("--password-file", options.password_file,
                                             "File with the user's password in its first line");
  user->needs(password);
  password->needs(user)->check(CLI::ExistingFile);
  command
      .add_option("--ca-file", options.ca_file,
                  "PEM certificates to trust for an https address, instead of the system's")
      ->check(CLI::ExistingFile);
}

Result<Json> GetJson(const ServerOptions& server, const std::string& path) {
  return AsJson(
      Request(server, path,
              [](httplib::Client& client, const httplib::Headers& headers,
                 const std::string& full_path) { return client.Get(full_path.c_str(), headers); }),
      path);
}

Result<Json> PostJson(const ServerOptions& server, const std::string& path, const Json& body) {
  const std::string text = body.dump();
  return AsJson(Request(server, path,
                        [&](httplib::Client& client, const httplib::Headers& headers,
                            const std::string& full_path) {
                          return client.Post(full_path.c_str(), headers, text, "application/json");
                        }),
                path);
}

Result<Json> PostDicom(const ServerOptions& server, const std::string& bytes) {
  return AsJson(Request(server, "/instances",
                        [&](httplib::Client& client, const httplib::Headers& headers,
                            const std::string& full_path) {
                          return client.Post(full_path.c_str(), headers, bytes,
                                             "application/dicom");
                        }),
                "/instances");
}

Status Delete(const ServerOptions& server, const std::string& path) {
  auto body = Request(
      server, path,
      [](httplib::Client& client, const httplib::Headers& headers, const std::string& full_path) {
        return client.Delete(full_path.c_str(), headers);
      });
  if (!body) return std::move(body).error();
  return {};
}

bool IsOfThisMachine(const std::string& url) {
  const auto scheme = url.find("://");
  std::string host = url.substr(scheme == std::string::npos ? 0 : scheme + 3);
  if (host.starts_with("[::1]")) return true;
  host.resize(std::min(host.find_first_of(":/"), host.size()));
  return host == "localhost" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos);
}

std::string UrlEncoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '.';
    if (plain) {
      encoded.push_back(c);
      continue;
    }
    encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace osteon::cli
