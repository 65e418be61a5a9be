// SPDX-License-Identifier: GPL-3.0-or-later
// The allow-list of workers' public keys, read again when its file changes, and the answer to the
// ZAP requests (ZeroMQ RFC 27) that ask at each handshake whether a key may connect.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon::plugin {

// Thread-compatible.
class KeyAllowList {
 public:
  explicit KeyAllowList(std::filesystem::path allowed_workers_file)
      : file_(std::move(allowed_workers_file)) {}

  // The name behind a public key (40 characters); nothing: not allowed. Reads the file again when
  // it was changed; a file that is missing or broken leaves the last good list in force, and says
  // so in Trouble().
  std::optional<std::string> NameOf(const std::string& public_key);
  const std::string& Trouble() const { return trouble_; }
  // Public key to name; read again as in NameOf.
  const std::map<std::string, std::string>& Names();

 private:
  void Refresh();

  std::filesystem::path file_;
  std::filesystem::file_time_type read_at_ = std::filesystem::file_time_type::min();
  std::map<std::string, std::string> names_;
  std::string trouble_;
};

// One ZAP request, frame by frame, and the reply to it.
struct ZapDecision {
  std::vector<std::string> reply;
  bool allowed = false;
  std::string public_key;  // Of the client, in Z85.
  std::string address;
};
ZapDecision AnswerZap(const std::vector<std::string>& request, KeyAllowList& allow_list);

}  // namespace osteon::plugin
