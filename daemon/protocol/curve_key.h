// SPDX-License-Identifier: GPL-3.0-or-later
// CURVE key files of both ends. A key is 40 characters of Z85 (ZeroMQ RFC 32), which never contain
// a space.
//
//   secret file, mode 0600:  public <key>
//                            secret <key>
//   public file, mode 0644:  <key> <name>
//
// The plugin's allow-list is a public file with a line for each worker. A worker's public file of
// the plugin has two lines while the plugin's key is being changed. Empty lines and lines that
// start with "# " are skipped ('#' alone may start a key).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon::protocol {

struct CurveKeyPair {
  std::string public_key;
  std::string secret_key;
};

struct CurvePublicKey {
  std::string key;
  std::string name;  // Rest of the line; who it belongs to. May be empty.
};

// True for 40 characters of the Z85 alphabet.
bool IsCurveKey(std::string_view text);

// Text in, value out; fuzzed. kInvalidInput names the line, never its content.
Result<CurveKeyPair> ParseSecretKeyFile(std::string_view text);
Result<std::vector<CurvePublicKey>> ParsePublicKeyFile(std::string_view text);

// Errors: kInvalidInput when the file can be read or written by others than its owner ("chmod
// 600"), is larger than 64 KiB or malformed; kUnavailable when it cannot be opened.
Result<CurveKeyPair> LoadSecretKeyFile(const std::filesystem::path& path);
Result<std::vector<CurvePublicKey>> LoadPublicKeyFile(const std::filesystem::path& path);

// Creates the files (0600 and 0644); kInvalidInput when there is one already: a key in use is never
// overwritten.
Status CreateSecretKeyFile(const std::filesystem::path& path, const CurveKeyPair& keys);
Status CreatePublicKeyFile(const std::filesystem::path& path, const CurvePublicKey& key);

// True for endpoints that do not leave the machine, where CURVE may be left out: ipc://, inproc://,
// tcp:// on 127.0.0.0/8, [::1] or localhost.
bool IsLocalEndpoint(std::string_view endpoint);

}  // namespace osteon::protocol
