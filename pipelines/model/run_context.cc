// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/run_context.h"

#include <sys/resource.h>

#include <algorithm>

namespace osteon {
namespace {

double PeakMemoryMib() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;  // Linux counts in KiB.
}

}  // namespace

void RunContext::AddCaveat(std::string code, std::string text, std::vector<std::string> values) {
  const bool known = std::any_of(caveats_.begin(), caveats_.end(),
                                 [&](const Caveat& c) { return c.code == code && c.text == text; });
  if (!known) caveats_.push_back({std::move(code), std::move(text), std::move(values)});
}

RunContext::Timer::Timer(RunContext& run, std::string stage)
    : run_(run), stage_(std::move(stage)), start_(std::chrono::steady_clock::now()) {}

RunContext::Timer::~Timer() {
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
  run_.stage_times_.push_back({stage_, spent.count(), PeakMemoryMib()});
}

RunContext::Timer RunContext::Timed(std::string stage, double fraction_done) {
  if (progress_) progress_(stage, fraction_done);
  return Timer(*this, std::move(stage));
}

}  // namespace osteon
