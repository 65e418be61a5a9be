// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/child.h"

#include <fmt/core.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <system_error>

#include "pipelines/base/log.h"

namespace osteon {
namespace {

constexpr std::size_t kMaxLineBytes = 1024;  // More than kMaxReportBytes: not a report.
constexpr int kExecFailed = 127;             // As shells have it.
constexpr rlim_t kMaxOpenFiles = 1024;       // The usual limit of a process.
constexpr rlim_t kCpuGraceSeconds = 5;       // Between SIGXCPU and SIGKILL.
constexpr int kAboveStandardFds = 16;        // Above the descriptors that are replaced.

// What the child needs between fork and exec, made before fork: after it only async-signal-safe
// calls are allowed in a program with threads, and malloc is not one.
struct Prepared {
  std::string program, log_file, folder;
  std::vector<std::string> arguments, environment;
  std::vector<char*> argv, envp;
  rlimit memory, cpu, core, files;
};

rlimit Limit(std::uint64_t soft, std::uint64_t hard) { return {soft, hard}; }

// A minimal environment: no key, no proxy, no home. The last two are read by libraries.
std::vector<std::string> EnvironmentOf(const ChildCommand& command) {
  const std::string threads = std::to_string(command.threads);
  return {"PATH=/usr/bin:/bin",
          "LC_ALL=C.UTF-8",
          "TZ=UTC",
          "TMPDIR=" + command.run_folder.string(),
          "OMP_NUM_THREADS=" + threads,
          "OPENCV_FOR_THREADS_NUM=" + threads};
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& s : strings) pointers.push_back(s.data());
  pointers.push_back(nullptr);
  return pointers;
}

void Prepare(const ChildCommand& command, const ChildLimits& limits, Prepared& p) {
  p.program = command.program.string();
  p.log_file = (command.run_folder / "child.log").string();
  p.folder = command.run_folder.string();
  p.arguments = {"osteond"};
  p.arguments.insert(p.arguments.end(), command.arguments.begin(), command.arguments.end());
  p.environment = EnvironmentOf(command);
  p.argv = Pointers(p.arguments);
  p.envp = Pointers(p.environment);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // Shadow memory of the sanitizers is terabytes of address space.
  p.memory = Limit(RLIM_INFINITY, RLIM_INFINITY);
#else
  const std::uint64_t memory = limits.memory_bytes == 0 ? RLIM_INFINITY : limits.memory_bytes;
  p.memory = Limit(memory, memory);
#endif
  // SIGXCPU at the soft limit; the hard one ends a child that blocks that signal.
  p.cpu = Limit(limits.cpu_seconds, limits.cpu_seconds + kCpuGraceSeconds);
  p.core = Limit(0, 0);
  p.files = Limit(kMaxOpenFiles, kMaxOpenFiles);
}

// In the child. Never returns.
[[noreturn]] void Become(const Prepared& p, int pipe_fd, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kExecFailed);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  const int null_fd = ::open("/dev/null", O_RDONLY);
  const int log_fd = ::open(p.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
  if (null_fd < 0 || log_fd < 0 || ::chdir(p.folder.c_str()) != 0) ::_exit(kExecFailed);
  // The pipe may have one of the numbers that are replaced below.
  const int pipe_copy = ::fcntl(pipe_fd, F_DUPFD, kAboveStandardFds);
  if (::dup2(null_fd, 0) < 0 || ::dup2(log_fd, 1) < 0 || ::dup2(log_fd, 2) < 0 ||
      ::dup2(pipe_copy, kReportFd) < 0) {
    ::_exit(kExecFailed);
  }
  ::close_range(kReportFd + 1, ~0U, 0);
  ::setrlimit(RLIMIT_CORE, &p.core);
  ::setrlimit(RLIMIT_NOFILE, &p.files);
  ::setrlimit(RLIMIT_CPU, &p.cpu);
  ::setrlimit(RLIMIT_AS, &p.memory);
  ::execve(p.program.c_str(), p.argv.data(), p.envp.data());
  ::_exit(kExecFailed);
}

ChildEnd Describe(int wait_status, const ChildLimits& limits) {
  if (WIFEXITED(wait_status)) {
    const int code = WEXITSTATUS(wait_status);
    if (code == 0) return {};
    if (code == 1) {
      return {"the analysis could not write its outcome, see the log", ErrorCode::kUnavailable};
    }
    return {fmt::format("the analysis ended with exit code {}", code)};
  }
  const int signal = WTERMSIG(wait_status);
  if (signal == SIGXCPU) {
    return {fmt::format("the analysis used more than its cpu_seconds = {}", limits.cpu_seconds)};
  }
  if (signal == SIGKILL) {
    return {
        "the analysis was killed from outside, most likely because the machine had no memory left",
        ErrorCode::kUnavailable, protocol::Ending::kDied};
  }
  const char* name = ::sigabbrev_np(signal);
  return {"the analysis crashed (SIG" + std::string(name == nullptr ? "?" : name) + ")"};
}

LogLevel LevelOf(std::string_view name) {
  for (const LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning}) {
    if (Name(level) == name) return level;
  }
  return LogLevel::kError;
}

std::string_view CutWord(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

}  // namespace

Result<Child> Child::Start(const ChildCommand& command, const ChildLimits& limits, SteadyMs now) {
  std::array<int, 2> ends = {-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return SystemError("make a pipe for", command.run_folder);
  Fd read_end(ends[0]);
  const Fd write_end(ends[1]);
  ::fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
  Prepared prepared;
  Prepare(command, limits, prepared);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return SystemError("start the analysis of", command.run_folder);
  if (pid == 0) Become(prepared, write_end.get(), parent);
  ::setpgid(pid, pid);  // In parent and child, since either may come first.
  return Child(pid, std::move(read_end), limits, now);
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pipe_(std::move(other.pipe_)),
      unread_(std::move(other.unread_)),
      limits_(other.limits_),
      started_(other.started_),
      out_of_time_(other.out_of_time_) {}

Child::~Child() { Kill(); }

void Child::Kill() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);  // In case it has no group of its own yet.
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

std::optional<ChildReport> Child::TakeLine(std::string_view line) const {
  const std::string_view kind = CutWord(line);
  const std::string_view word = CutWord(line);
  if (kind == "L") Log(LevelOf(word), line);
  if (kind != "P") return std::nullopt;
  ChildReport report;
  const auto [end, error] =
      std::from_chars(word.data(), word.data() + word.size(), report.fraction);
  if (error != std::errc{} || !(report.fraction >= 0 && report.fraction <= 1)) return std::nullopt;
  report.stage = line.substr(0, kMaxStageBytes);
  return report;
}

std::optional<ChildReport> Child::ReadReports() {
  std::optional<ChildReport> last;
  std::array<char, 4096> buffer;
  ssize_t n = 0;
  while (pipe_ && (n = ::read(pipe_.get(), buffer.data(), buffer.size())) > 0) {
    unread_.append(buffer.data(), static_cast<std::size_t>(n));
    std::size_t end = 0;
    while ((end = unread_.find('\n')) != std::string::npos) {
      if (auto report = TakeLine(std::string_view(unread_).substr(0, end))) last = report;
      unread_.erase(0, end + 1);
    }
    if (unread_.size() > kMaxLineBytes) unread_.clear();
  }
  if (n == 0) pipe_.Reset();  // End of file: nothing more will come.
  return last;
}

std::optional<ChildEnd> Child::Poll(SteadyMs now) {
  if (pid_ < 0) return std::nullopt;
  const SteadyMs limit_ms = SteadyMs{limits_.wall_seconds} * 1000;
  if (!out_of_time_ && now - started_ > limit_ms) {
    out_of_time_ = true;
    ::kill(-pid_, SIGKILL);
  }
  // WNOWAIT: until it is reaped, no other process gets its number.
  siginfo_t info = {};
  const int waited = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  if ((waited == 0 && info.si_pid == 0) || (waited < 0 && errno == EINTR)) return std::nullopt;
  int status = 0;
  if (waited == 0) {
    ::kill(-pid_, SIGKILL);  // Grandchildren, if a library made any.
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }
  pid_ = -1;
  if (waited < 0) return ChildEnd{"the analysis was lost: no such child", ErrorCode::kInternal};
  if (out_of_time_) {
    return ChildEnd{
        fmt::format("the analysis took longer than its wall_seconds = {}", limits_.wall_seconds)};
  }
  return Describe(status, limits_);
}

}  // namespace osteon
