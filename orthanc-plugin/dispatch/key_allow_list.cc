// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/key_allow_list.h"

#include <fmt/core.h>
#include <zmq.h>

#include <system_error>

#include "daemon/protocol/curve_key.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {

void KeyAllowList::Refresh() {
  std::error_code error;
  const auto written_at = std::filesystem::last_write_time(file_, error);
  if (!error && written_at == read_at_) return;
  const auto keys = protocol::LoadPublicKeyFile(file_);
  if (!keys) {
    if (trouble_ != keys.error().message()) LogError("allowed workers: " + keys.error().message());
    trouble_ = keys.error().message();
    return;
  }
  read_at_ = written_at;
  trouble_.clear();
  names_.clear();
  for (const auto& key : *keys) names_[key.key] = key.name;
  LogInfo(fmt::format("allowed workers: {} keys read from {}", names_.size(), file_.string()));
}

std::optional<std::string> KeyAllowList::NameOf(const std::string& public_key) {
  Refresh();
  const auto known = names_.find(public_key);
  if (known == names_.end()) return std::nullopt;
  return known->second;
}

const std::map<std::string, std::string>& KeyAllowList::Names() {
  Refresh();
  return names_;
}

ZapDecision AnswerZap(const std::vector<std::string>& request, KeyAllowList& allow_list) {
  ZapDecision decision;
  // version, request id, domain, address, identity, mechanism, credentials
  const std::string request_id = request.size() > 1 ? request[1] : "";
  const auto reply = [&](const char* code, const char* text) {
    decision.reply = {"1.0", request_id, code, text, decision.public_key, ""};
    return decision;
  };
  if (request.size() < 7 || request[0] != "1.0") return reply("500", "not a ZAP 1.0 request");
  decision.address = request[3];
  if (request[5] != "CURVE" || request[6].size() != 32) return reply("400", "CURVE is required");
  char key[41] = {};
  if (!zmq_z85_encode(key, reinterpret_cast<const std::uint8_t*>(request[6].data()), 32))
    return reply("500", "no key");
  decision.public_key = key;
  decision.allowed = allow_list.NameOf(decision.public_key).has_value();
  return decision.allowed ? reply("200", "OK")
                          : reply("400", "this key is not on the list of allowed workers");
}

}  // namespace osteon::plugin
