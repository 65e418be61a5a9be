// SPDX-License-Identifier: GPL-3.0-or-later
// Orthanc's REST API and the plugin's routes, for the subcommands that talk to a server.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "pipelines/base/result.h"

namespace CLI {
class App;
}

namespace osteon::cli {

using Json = nlohmann::ordered_json;

struct ServerOptions {
  std::string url = "http://127.0.0.1:8042";  // A path in it is that of a reverse proxy.
  std::string user;
  std::filesystem::path
      password_file;  // First line; never on the command line, where others could read it.
  std::filesystem::path ca_file;  // Of https: PEM certificates to trust instead of the system's.
};

// --url, --user, --password-file, --ca-file.
void AddServerOptions(CLI::App& command, ServerOptions& options);

// Errors of all: kUnavailable when the server does not answer, kInvalidInput when it refuses the
// user (401, 403) or does not know the thing (404), kInternal for another status; with the server's
// own words.
Result<Json> GetJson(const ServerOptions& server, const std::string& path);
// Sends the header the plugin asks of actions.
Result<Json> PostJson(const ServerOptions& server, const std::string& path, const Json& body);
Result<Json> PostDicom(const ServerOptions& server, const std::string& bytes);
Status Delete(const ServerOptions& server, const std::string& path);

// Everything but letters, digits, '-', '_', '.' as %XX: for a part of a path or query.
std::string UrlEncoded(const std::string& text);

}  // namespace osteon::cli
