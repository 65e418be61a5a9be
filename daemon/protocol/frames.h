// SPDX-License-Identifier: GPL-3.0-or-later
// Messages to frames and back. Bytes in, value out: no socket, no exception, and no more memory
// than in proportion to the input; fuzzed (tests/fuzz).
//
//   frame 0  "OSTN", major, minor, type (8-bit), 0             8 bytes
//   frame 1  header: the fields of the message in the order of messages.h
//   frame 2  bytes, of INSTANCE and RESULTCHUNK only
//
// In the header integers are little-endian and of the width of their type, a double is its IEEE 754
// bits, a string is its length (32-bit) and its bytes, a list is its count (32-bit) and its
// elements. Considered and dropped: JSON and CBOR, which allocate before a limit can be checked (16
// MiB of '[' become 1 GiB) and need a third party here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/protocol/messages.h"
#include "pipelines/base/result.h"

namespace osteon::protocol {

using Frames = std::vector<std::string>;

// Errors: kInvalidInput names the field that is outside the limits of messages.h.
Result<Frames> Encode(const Message& message);

// Errors: kUnsupported when the major version is another one, to be answered with REFUSED (plugin)
// or logged (worker); kInvalidInput for everything else that is not exactly one message, naming
// what is wrong.
Result<Message> Decode(std::span<const std::string_view> frames);
Result<Message> Decode(const Frames& frames);

}  // namespace osteon::protocol
