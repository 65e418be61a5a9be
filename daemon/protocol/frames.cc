// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/protocol/frames.h"

#include <fmt/core.h>

#include <array>
#include <cstdint>
#include <utility>

#include "daemon/protocol/field_io.h"

namespace osteon::protocol {
namespace {

constexpr std::string_view kMagic = "OSTN";
constexpr std::size_t kPrefixBytes = 8;

constexpr std::array<std::string_view, std::variant_size_v<Message>> kNames = {
    "HELLO",       "READY",  "JOB",       "FETCH", "INSTANCE", "TOUCH",  "RESULT",
    "RESULTCHUNK", "FAILED", "COMMITTED", "STALE", "CANCEL",   "REFUSED"};

template <typename M>
constexpr bool kHasBytes = std::is_same_v<M, Instance> || std::is_same_v<M, ResultChunk>;

Status CheckPiece(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > kChunkBytes) {
    return InvalidInput(fmt::format("bytes: a piece has 1 to {} bytes", kChunkBytes));
  }
  return {};
}

template <typename M>
Result<Message> DecodeAs(std::span<const std::string_view> frames, std::uint8_t minor) {
  const std::size_t expected_frames = kHasBytes<M> ? 3 : 2;
  if (frames.size() != expected_frames) return InvalidInput("wrong number of frames");
  if (frames[1].size() > kMaxFrameBytes) return InvalidInput("header: too long");
  M message;
  FieldReader reader(frames[1], minor);
  Fields(reader, message);
  reader.Require("header", reader.AtEnd() || minor > kMinorVersion, "longer than its fields");
  if (reader.failed()) return reader.error();
  if constexpr (kHasBytes<M>) {
    if (Status status = CheckPiece(frames[2]); !status) return std::move(status).error();
    message.bytes.assign(frames[2]);
  }
  return Message(std::move(message));
}

using Decoder = Result<Message> (*)(std::span<const std::string_view>, std::uint8_t);

template <std::size_t... kIndex>
constexpr std::array<Decoder, sizeof...(kIndex)> MakeDecoders(std::index_sequence<kIndex...>) {
  return {&DecodeAs<std::variant_alternative_t<kIndex, Message>>...};
}

// The type byte of a message is its place in the variant.
constexpr auto kDecoders = MakeDecoders(std::make_index_sequence<std::variant_size_v<Message>>());

}  // namespace

std::string_view Name(const Message& message) { return kNames[message.index()]; }

Result<Frames> Encode(const Message& message) {
  std::string prefix(kMagic);
  prefix += {static_cast<char>(kMajorVersion), static_cast<char>(kMinorVersion),
             static_cast<char>(message.index()), '\0'};
  return std::visit(
      [&]<typename M>(const M& m) -> Result<Frames> {
        const auto named = [&](Error error) { return std::move(error).During(Name(message)); };
        FieldWriter writer;
        Fields(writer, m);
        if (writer.failed()) return named(writer.error());
        Frames frames = {std::move(prefix), writer.Take()};
        if constexpr (kHasBytes<M>) {
          if (Status status = CheckPiece(m.bytes); !status) {
            return named(std::move(status).error());
          }
          frames.push_back(m.bytes);
        }
        return frames;
      },
      message);
}

Result<Message> Decode(std::span<const std::string_view> frames) {
  if (frames.empty() || frames[0].size() != kPrefixBytes || !frames[0].starts_with(kMagic)) {
    return InvalidInput("not a message of Osteon");
  }
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(frames[0][i]); };
  if (byte(4) != kMajorVersion) {
    return Unsupported(
        fmt::format("protocol version {}, this side speaks {}", byte(4), kMajorVersion));
  }
  const std::size_t type = byte(6);
  if (type >= kDecoders.size()) {
    return InvalidInput(fmt::format("unknown message type {}", type));
  }
  Result<Message> message = kDecoders[type](frames, byte(5));
  if (!message) return std::move(message).error().During(kNames[type]);
  return message;
}

Result<Message> Decode(const Frames& frames) {
  const std::vector<std::string_view> views(frames.begin(), frames.end());
  return Decode(views);
}

}  // namespace osteon::protocol
