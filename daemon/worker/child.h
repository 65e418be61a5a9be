// SPDX-License-Identifier: GPL-3.0-or-later
// One study in a process of its own: this program again, with limits, a minimal environment, and
// no descriptors but the standard three and a pipe. A study that crashes a library ends only this
// process.
//
// The child writes lines to the pipe (descriptor kReportFd):
//   P <fraction> <stage>      progress
//   L <level> <text>          a line for the worker's log
// What third parties print goes to child.log in the run folder, which is removed with it: it may
// hold patient data.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/protocol/messages.h"
#include "daemon/worker/config.h"
#include "daemon/worker/files.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace osteon {

inline constexpr int kReportFd = 3;
inline constexpr std::size_t kMaxReportBytes = 900;  // Of a line; longer ones are cut.
inline constexpr std::size_t kMaxStageBytes = 64;    // Of a stage's name in it.

struct ChildCommand {
  // What runs now, even when the file was replaced since.
  std::filesystem::path program = "/proc/self/exe";
  std::vector<std::string> arguments;  // Without the program's name.
  std::filesystem::path run_folder;    // Working folder, and where child.log goes.
  int threads = 1;
};

struct ChildReport {
  std::string stage;
  double fraction = 0;
};

struct ChildEnd {
  // Empty: it ended by itself and its exit code says that it has written its outcome. Otherwise
  // what happened, for an operator.
  std::string problem;
  // kInternal for a crash and an exceeded limit, since the same study would do it again;
  // kUnavailable for a cause outside (killed by the kernel for memory, disk full).
  ErrorCode code = ErrorCode::kInternal;
  protocol::Ending ending = protocol::Ending::kAnswered;
};

// A running child. Killed and reaped when destroyed. Move-only; used only by the thread that
// started it (the child dies with that thread).
class Child {
 public:
  static Result<Child> Start(const ChildCommand& command, const ChildLimits& limits, SteadyMs now);
  ~Child();
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;

  // Becomes readable when the child reports or ends.
  int report_fd() const { return pipe_.get(); }
  // Reads what the pipe holds, logs the child's log lines, and returns the last progress in it.
  std::optional<ChildReport> ReadReports();
  // The end of the child, once: after it has ended by itself, or been killed for its wall time.
  std::optional<ChildEnd> Poll(SteadyMs now);
  // Ends the child; Poll reports nothing then.
  void Kill();

 private:
  Child(pid_t pid, Fd pipe, ChildLimits limits, SteadyMs now)
      : pid_(pid), pipe_(std::move(pipe)), limits_(limits), started_(now) {}
  std::optional<ChildReport> TakeLine(std::string_view line) const;

  pid_t pid_ = -1;  // -1: reaped.
  Fd pipe_;
  std::string unread_;
  ChildLimits limits_;
  SteadyMs started_ = 0;
  bool out_of_time_ = false;
};

}  // namespace osteon
