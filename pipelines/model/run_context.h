// SPDX-License-Identifier: GPL-3.0-or-later
// The run that a stage is part of: cancellation, progress, caveats, and what the stages took.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace osteon {

// Something that was not assessed, or is less reliable than usual. It goes into the report. `code`
// is stable ("missing_slice"), `text` is English for the reader, without patient data.
struct Caveat {
  std::string code;
  std::string text;
  // The numbers and names in `text`, in its order, so that other languages can say them
  // (report/translate.cc). Numbers have a decimal point.
  std::vector<std::string> values = {};
};

// What a stage took. Never in a DICOM object, whose bytes are the same on every run.
struct StageTime {
  std::string stage;
  double seconds = 0;  // Wall clock.
  // The most memory that the process had until the end of the stage: a stage that needs more than
  // all before it raises it. Resident, as the system counts it (getrusage).
  double peak_memory_mib = 0;
};

// One per analysis. The stages run one after another in one thread; only Cancel() may come from
// another.
class RunContext {
 public:
  // Called at the start of each stage with its name and the share of the work done so far, 0..1.
  using Progress = std::function<void(std::string_view stage, double fraction)>;

  RunContext() = default;
  explicit RunContext(Progress progress) : progress_(std::move(progress)) {}
  RunContext(const RunContext&) = delete;
  RunContext& operator=(const RunContext&) = delete;

  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool Cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

  // A caveat already there (same code and text) is not added twice.
  void AddCaveat(std::string code, std::string text, std::vector<std::string> values = {});
  const std::vector<Caveat>& caveats() const { return caveats_; }

  // Times the scope: `auto timer = run.Timed("compose", 0.2);`
  class Timer {
   public:
    Timer(RunContext& run, std::string stage);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

   private:
    RunContext& run_;
    std::string stage_;
    std::chrono::steady_clock::time_point start_;
  };
  [[nodiscard]] Timer Timed(std::string stage, double fraction_done);
  const std::vector<StageTime>& stage_times() const { return stage_times_; }

 private:
  Progress progress_;
  std::atomic<bool> cancelled_ = false;
  std::vector<Caveat> caveats_;
  std::vector<StageTime> stage_times_;
};

}  // namespace osteon
