// SPDX-License-Identifier: GPL-3.0-or-later
// Parses any text as Orthanc's configuration and as selection rules. An error must have a message.
#include <cstdint>
#include <string_view>

#include "orthanc-plugin/settings.h"

namespace osteon {
namespace {

int TryInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto rules = ParseRules(text);
  if (!rules) Check(!rules.error().message().empty(), "an error has a message");
  const auto settings = plugin::ParseSettings(text, "/nonexistent/osteon-fuzz");
  if (!settings) {
    Check(!settings.error().message().empty(), "an error has a message");
  } else if (settings->enabled) {
    Check(!settings->rules.rules.contrast.stir_words.empty() &&
              settings->ledger_path.empty() != settings->ledger_connection.empty(),
          "what is accepted can run, with one ledger");
  }
  return 0;
}

}  // namespace
}  // namespace osteon

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return osteon::TryInput(data, size);
}
