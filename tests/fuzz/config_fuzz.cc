// SPDX-License-Identifier: GPL-3.0-or-later
// Parses any text as the configuration of the worker and its pipeline. An error must have a
// message.
#include <cstdint>
#include <string_view>

#include "daemon/worker/config.h"
#include "pipelines/pipeline_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto pipeline = osteon::ParsePipelineConfig(text);
  if (!pipeline) osteon::Check(!pipeline.error().message().empty(), "an error has a message");
  const auto config = osteon::ParseWorkerConfig(text);
  if (!config) {
    osteon::Check(!config.error().message().empty(), "an error has a message");
    return 0;
  }
  osteon::Check(config->slots > 0 && config->threads > 0, "what is accepted can run");
  return 0;
}
