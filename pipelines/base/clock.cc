// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/clock.h"

#include <chrono>

namespace osteon {
namespace {

template <typename C>
std::int64_t MillisecondsOf() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(C::now().time_since_epoch()).count();
}

}  // namespace

UnixMs SystemClock::Now() const { return MillisecondsOf<std::chrono::system_clock>(); }
SteadyMs SystemClock::Steady() const { return MillisecondsOf<std::chrono::steady_clock>(); }

}  // namespace osteon
