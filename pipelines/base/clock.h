// SPDX-License-Identifier: GPL-3.0-or-later
// Time as an argument: code that schedules takes a Clock, so that a test can move it.
#pragma once

#include <cstdint>

namespace osteon {

// Milliseconds since 1970-01-01 UTC, as the ledger stores them. Jumps when an administrator sets
// the clock.
using UnixMs = std::int64_t;
// Milliseconds of a clock that never jumps, from an arbitrary start, as leases in memory use them.
using SteadyMs = std::int64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual UnixMs Now() const = 0;
  virtual SteadyMs Steady() const = 0;
};

// The machine's clocks. Any thread.
class SystemClock final : public Clock {
 public:
  UnixMs Now() const override;
  SteadyMs Steady() const override;
};

}  // namespace osteon
