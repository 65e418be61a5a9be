// SPDX-License-Identifier: GPL-3.0-or-later
// Loaded into a program by LD_PRELOAD, it reports a full disk or kills the program at the n-th
// write below a path, slows writes down, and shifts the wall clock. A small file, named by
// OSTEON_FAULT_CONTROL, controls it; tests/support/fault_lab.py writes it while the program runs.
// All programs of one lab share the file, also the children of osteond.
//
// It counts write, writev, pwrite, fsync and fdatasync, which SQLite, Orthanc's storage and the
// spool use. Reads and the creation of empty files still work, as on a disk without free blocks.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

enum Action : std::int32_t { kNone = 0, kFull = 1, kKill = 2, kSlow = 3 };

// Layout of the control file, little-endian; the same as in fault_lab.py.
struct Control {
  std::int64_t clock_shift_ms;
  std::int32_t action;
  std::int32_t unused;
  std::int64_t countdown;  // Writes that still succeed; counted only while an action is set.
  std::int64_t delay_us;   // For kSlow.
  std::int64_t hits;       // How often the action happened.
  char path[472];          // Absolute prefix of the files' names.
};
static_assert(sizeof(Control) == 512);

Control* Map() {
  const char* name = std::getenv("OSTEON_FAULT_CONTROL");
  const int fd = name == nullptr ? -1 : ::open(name, O_RDWR | O_CLOEXEC);
  if (fd < 0) return nullptr;
  void* mapped = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  return mapped == MAP_FAILED ? nullptr : static_cast<Control*>(mapped);
}

Control* TheControl() {
  static Control* const control = Map();
  return control;
}

template <typename Function>
Function Real(Function, const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

bool IsBelow(int fd, const char* path) {
  char link[48] = "/proc/self/fd/";
  char digits[12];
  int n = 0;
  for (int rest = fd; n == 0 || rest > 0; rest /= 10)
    digits[n++] = static_cast<char>('0' + rest % 10);
  std::size_t at = std::strlen(link);
  while (n > 0) link[at++] = digits[--n];
  link[at] = '\0';
  char target[sizeof Control::path];
  const ssize_t length = ::readlink(link, target, sizeof target);
  const std::size_t wanted = std::strlen(path);
  return length >= static_cast<ssize_t>(wanted) && std::memcmp(target, path, wanted) == 0;
}

// True when this write must fail. May not return.
bool Strikes(int fd) {
  Control* const control = TheControl();
  if (control == nullptr || __atomic_load_n(&control->action, __ATOMIC_ACQUIRE) == kNone)
    return false;
  const int saved = errno;
  const bool below = IsBelow(fd, control->path);
  errno = saved;
  if (!below || __atomic_fetch_sub(&control->countdown, 1, __ATOMIC_ACQ_REL) > 0) return false;
  __atomic_fetch_add(&control->hits, 1, __ATOMIC_ACQ_REL);
  if (control->action == kKill) {
    // Only once: the next program that is started must not be killed.
    __atomic_store_n(&control->action, kNone, __ATOMIC_RELEASE);
    ::kill(::getpid(), SIGKILL);
  }
  if (control->action == kSlow) ::usleep(static_cast<useconds_t>(control->delay_us));
  if (control->action != kFull) return false;
  errno = ENOSPC;
  return true;
}

std::int64_t ShiftMs() {
  const Control* const control = TheControl();
  return control == nullptr ? 0 : __atomic_load_n(&control->clock_shift_ms, __ATOMIC_ACQUIRE);
}

}  // namespace

// Names and signatures are libc's.
extern "C" {

ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto real = Real(&::write, "write");
  return Strikes(fd) ? -1 : real(fd, bytes, size);
}

ssize_t writev(int fd, const iovec* parts, int count) {
  static const auto real = Real(&::writev, "writev");
  return Strikes(fd) ? -1 : real(fd, parts, count);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  static const auto real = Real(&::pwrite, "pwrite");
  return Strikes(fd) ? -1 : real(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  static const auto real = Real(&::pwrite64, "pwrite64");
  return Strikes(fd) ? -1 : real(fd, bytes, size, at);
}

int fsync(int fd) {
  static const auto real = Real(&::fsync, "fsync");
  return Strikes(fd) ? -1 : real(fd);
}

int fdatasync(int fd) {
  static const auto real = Real(&::fdatasync, "fdatasync");
  return Strikes(fd) ? -1 : real(fd);
}

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static const auto real = Real(&::clock_gettime, "clock_gettime");
  const int code = real(clock, now);
  if (code == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    now->tv_sec += ShiftMs() / 1000;
  return code;
}

int gettimeofday(timeval* now, void* zone) noexcept {
  static const auto real = Real(&::gettimeofday, "gettimeofday");
  const int code = real(now, zone);
  if (code == 0) now->tv_sec += ShiftMs() / 1000;
  return code;
}

time_t time(time_t* to) noexcept {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  if (to != nullptr) *to = now.tv_sec;
  return now.tv_sec;
}

// A deadline that was computed with the shifted clock is shifted back. Deadlines on the steady
// clock are small numbers (seconds since the machine started). dlvsym: libc keeps an older function
// of that name.
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* deadline) {
  using Function = int (*)(pthread_cond_t*, pthread_mutex_t*, const timespec*);
  static const auto real =
      reinterpret_cast<Function>(::dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2"));
  constexpr time_t kWallClockFrom = 1'000'000'000;
  timespec shifted = *deadline;
  if (shifted.tv_sec > kWallClockFrom) shifted.tv_sec -= ShiftMs() / 1000;
  return real(condition, mutex, &shifted);
}

// osteond starts its children with a minimal environment; they must have the same shim.
int execve(const char* program, char* const arguments[], char* const environment[]) noexcept {
  static const auto real = Real(&::execve, "execve");
  constexpr int kMax = 64;
  static char preload[512] = "LD_PRELOAD=";
  static char control[512] = "OSTEON_FAULT_CONTROL=";
  char* extended[kMax + 3];
  int n = 0;
  while (environment[n] != nullptr && n < kMax) {
    extended[n] = environment[n];
    ++n;
  }
  if (const char* value = std::getenv("LD_PRELOAD")) {
    extended[n++] = std::strncat(preload, value, sizeof preload - sizeof "LD_PRELOAD=");
  }
  if (const char* value = std::getenv("OSTEON_FAULT_CONTROL")) {
    extended[n++] = std::strncat(control, value, sizeof control - sizeof "OSTEON_FAULT_CONTROL=");
  }
  extended[n] = nullptr;
  return real(program, arguments, extended);
}

}  // extern "C"
