// SPDX-License-Identifier: GPL-3.0-or-later
// Log lines, to one sink for the process. No patient data: UIDs, job ids, file names and
// counts only.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace osteon {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Takes a finished line without end of line. Called from any thread, one call at a time.
using LogSink = std::function<void(LogLevel, std::string_view)>;

// Replaces the sink (default: "W text" to standard error from kInfo up). Called once, at start,
// before other threads.
void SetLogSink(LogSink sink);
// Any thread.
void Log(LogLevel level, std::string_view line);
inline void LogInfo(std::string_view line) { Log(LogLevel::kInfo, line); }
inline void LogWarning(std::string_view line) { Log(LogLevel::kWarning, line); }
inline void LogError(std::string_view line) { Log(LogLevel::kError, line); }

std::string_view Name(LogLevel level);

}  // namespace osteon
