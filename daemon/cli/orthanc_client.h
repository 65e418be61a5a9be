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
  std::string url = "http://127.0.0.1:8042";  // May have a path, as behind a reverse proxy.
  std::string user;
  std::filesystem::path password_file;  // Its first line is used. No option takes the password:
                                        // others could read it there.
  std::filesystem::path ca_file;  // For https: PEM certificates to trust instead of the system's.
};

// Adds --url, --user, --password-file, --ca-file.
void AddServerOptions(CLI::App& command, ServerOptions& options);

// Errors of all four: kNotReady when Orthanc may be starting (nobody answers on this machine, or a
// proxy answers 502, 503 or 504); kUnavailable when the server does not answer otherwise;
// kInvalidInput for any 4xx status, such as a refused user (401, 403) or an unknown path (404);
// kInternal for any other failure. The message contains the server's own.
Result<Json> GetJson(const ServerOptions& server, const std::string& path);
// Sends the header X-Osteon, which the plugin requires for actions.
Result<Json> PostJson(const ServerOptions& server, const std::string& path, const Json& body);
Result<Json> PostDicom(const ServerOptions& server, const std::string& bytes);
Status Delete(const ServerOptions& server, const std::string& path);

// Whether the address is one by which only this machine is reached.
bool IsOfThisMachine(const std::string& url);

// For a part of a path or query: everything but letters, digits, '-', '_', '.' becomes %XX.
std::string UrlEncoded(const std::string& text);

}  // namespace osteon::cli
