// SPDX-License-Identifier: GPL-3.0-or-later
// Any text as the worker's configuration: an answer; an error says something.
#include <cstdint>
#include <string_view>

#include "daemon/worker/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config =
      osteon::ParseWorkerConfig(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!config) {
    osteon::Check(!config.error().message().empty(), "an error has a message");
    return 0;
  }
  osteon::Check(config->slots > 0 && config->threads > 0, "what is accepted can run");
  return 0;
}
