// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/log.h"

#include <cstdio>
#include <exception>
#include <mutex>

namespace osteon {
namespace {

void ToStandardError(LogLevel level, std::string_view line) {
  if (level == LogLevel::kDebug) return;
  std::fprintf(stderr, "%s %.*s\n", std::string(Name(level)).c_str(),
               static_cast<int>(line.size()), line.data());
}

struct SharedSink {
  std::mutex mutex;
  LogSink write = ToStandardError;
};

SharedSink& TheSink() {
  static SharedSink sink;
  return sink;
}

}  // namespace

void SetLogSink(LogSink sink) {
  const std::lock_guard lock(TheSink().mutex);
  TheSink().write = std::move(sink);
}

void Log(LogLevel level, std::string_view line) {
  try {
    const std::lock_guard lock(TheSink().mutex);
    TheSink().write(level, line);
  } catch (const std::exception&) {
    // No memory for the line: it is lost, and whoever wrote it goes on.
  }
}

std::string_view Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
  }
  return "error";
}

}  // namespace osteon
