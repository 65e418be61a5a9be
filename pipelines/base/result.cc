// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/result.h"

#include <array>

namespace osteon {
namespace {

struct NamedCode {
  ErrorCode code;
  std::string_view name;
};

constexpr std::array kNames = {
    NamedCode{ErrorCode::kInvalidInput, "invalid_input"},
    NamedCode{ErrorCode::kUnsupported, "unsupported"},
    NamedCode{ErrorCode::kNotReady, "not_ready"},
    NamedCode{ErrorCode::kUnavailable, "unavailable"},
    NamedCode{ErrorCode::kCancelled, "cancelled"},
    NamedCode{ErrorCode::kInternal, "internal"},
};

}  // namespace

std::string_view Name(ErrorCode code) {
  for (const NamedCode& named : kNames) {
    if (named.code == code) return named.name;
  }
  return "internal";
}

ErrorCode ErrorCodeFromName(std::string_view name) {
  for (const NamedCode& named : kNames) {
    if (named.name == name) return named.code;
  }
  return ErrorCode::kInternal;
}

bool IsRetryable(ErrorCode code) {
  return code == ErrorCode::kNotReady || code == ErrorCode::kUnavailable;
}

}  // namespace osteon
