// SPDX-License-Identifier: GPL-3.0-or-later
// Decodes any frames. A message that Decode accepts must be the same after Encode and Decode.
#include <vector>

#include "daemon/protocol/frames.h"
#include "tests/fuzz/wire_input.h"

namespace osteon::protocol {
namespace {

int TryInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::string_view> frames = osteon::SplitFrames(data, size);
  const auto message = Decode(std::span<const std::string_view>(frames));
  if (!message) return 0;
  const auto encoded = Encode(*message);
  osteon::Check(encoded.ok(), "Encode refuses what Decode accepted");
  const auto again = Decode(*encoded);
  osteon::Check(again.ok(), "Decode refuses what Encode wrote");
  const auto twice = Encode(*again);
  osteon::Check(twice.ok() && *twice == *encoded, "a message changed on its way");
  return 0;
}

}  // namespace
}  // namespace osteon::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return osteon::protocol::TryInput(data, size);
}
