// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/log.h"

#include <cstdio>
#include <exception>

#include "pipelines/base/mutex.h"

namespace osteon {
namespace {

void ToStandardError(LogLevel level, std::string_view line) {
  if (level == LogLevel::kDebug) return;
  std::fprintf(stderr, "%s %.*s\n", std::string(Name(level)).c_str(), static_cast<int>(line.size()),
               line.data());
}

struct SharedSink {
  Mutex mutex;
  LogSink write GUARDED_BY(mutex) = ToStandardError;
};

SharedSink& TheSink() {
  static SharedSink sink;
  return sink;
}

}  // namespace

void SetLogSink(LogSink sink) {
  SharedSink& shared = TheSink();
  const MutexLock lock(shared.mutex);
  shared.write = std::move(sink);
}

void Log(LogLevel level, std::string_view line) {
  try {
    SharedSink& shared = TheSink();
    const MutexLock lock(shared.mutex);
    shared.write(level, line);
  } catch (const std::exception&) {
    // No memory for the line: it is lost, and the caller goes on.
  }
}

std::string_view Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

}  // namespace osteon
