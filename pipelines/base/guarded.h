// SPDX-License-Identifier: GPL-3.0-or-later
// For the top of a thread, or of one job on it: turns exceptions into errors, so that one job fails
// with a reason and the process goes on.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "pipelines/base/foreign_text.h"
#include "pipelines/base/result.h"

namespace osteon {

// The error for an exception while `doing`. Does not throw: without memory for a message it has
// none.
inline Error ErrorOf(const std::exception& thrown, std::string_view doing) noexcept {
  try {
    const bool memory = dynamic_cast<const std::bad_alloc*>(&thrown) != nullptr;
    return Unavailable(std::string(doing) + ": " +
                       (memory ? "out of memory" : "unexpected: " + ForeignText(thrown.what())));
  } catch (...) {
    return {ErrorCode::kUnavailable, std::string()};
  }
}

// What `body` returns, a Status or a Result. An exception becomes kUnavailable, which is retried a
// limited number of times.
template <typename Body>
auto Guarded(std::string_view doing, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::exception& thrown) {
    return ErrorOf(thrown, doing);
  }
}

}  // namespace osteon
