// SPDX-License-Identifier: GPL-3.0-or-later
// Parses any text as a CURVE key file, an allow-list or an endpoint, and any frames as a ZAP
// request. An empty list must admit nobody.
#include "daemon/protocol/curve_key.h"
#include "orthanc-plugin/dispatch/key_allow_list.h"
#include "tests/fuzz/wire_input.h"

namespace osteon {
namespace {

int TryInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  protocol::IsLocalEndpoint(text);
  if (const auto pair = protocol::ParseSecretKeyFile(text)) {
    Check(protocol::IsCurveKey(pair->public_key) && protocol::IsCurveKey(pair->secret_key),
          "a pair is two keys");
  }
  if (const auto keys = protocol::ParsePublicKeyFile(text)) {
    for (const protocol::CurvePublicKey& key : *keys) {
      Check(protocol::IsCurveKey(key.key), "a list holds keys");
    }
  }
  static plugin::KeyAllowList nobody("/nonexistent/osteon-fuzz");
  std::vector<std::string> request;
  for (const std::string_view frame : SplitFrames(data, size)) request.emplace_back(frame);
  const plugin::ZapDecision decision = plugin::AnswerZap(request, nobody);
  Check(!decision.allowed, "an empty list lets nobody in");
  Check(decision.reply.size() == 6, "a ZAP reply has six frames");
  return 0;
}

}  // namespace
}  // namespace osteon

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return osteon::TryInput(data, size);
}
