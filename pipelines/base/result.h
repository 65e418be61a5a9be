// SPDX-License-Identifier: GPL-3.0-or-later
// Result<T>: a value, or an Error that says what the caller must do about it (design note in
// README.md).
//
//   Result<Study> study = ReadStudy(folder);
//   if (!study) return std::move(study).error().During("read the study");
//   Use(*study);
//
// Messages are for operators: they name the file, field or key and what to do, and hold no patient
// data.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace osteon {

// What the caller must do, not what went wrong.
enum class ErrorCode {
  kInvalidInput,  // The input is broken; a retry cannot help. The job is stuck until a person
                  // looks.
  kUnsupported,   // The input is sound but nothing here can handle it. Stuck, or skipped.
  kNotReady,      // Something that is still to come is missing. Retry later.
  kUnavailable,   // A peer, disk or database did not answer. Retry with back-off.
  kCancelled,     // The caller asked to stop. Release the job.
  kInternal,      // A defect of ours or of a library. Stuck, and alert.
};

// Stable lower-case name ("invalid_input"), used on the wire, in the ledger and in metrics.
std::string_view Name(ErrorCode code);
// The inverse of Name; kInternal for a name that is not known.
ErrorCode ErrorCodeFromName(std::string_view name);
// The whole retry policy of the dispatcher: true for kNotReady and kUnavailable.
bool IsRetryable(ErrorCode code);

class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // Adds what was being done, outermost first: "read the study: a.dcm: truncated".
  Error During(std::string_view what) && {
    message_ = std::string(what) + ": " + message_;
    return std::move(*this);
  }

 private:
  ErrorCode code_;
  std::string message_;
};

inline Error InvalidInput(std::string message) {
  return {ErrorCode::kInvalidInput, std::move(message)};
}
inline Error Unsupported(std::string message) {
  return {ErrorCode::kUnsupported, std::move(message)};
}
inline Error NotReady(std::string message) { return {ErrorCode::kNotReady, std::move(message)}; }
inline Error Unavailable(std::string message) {
  return {ErrorCode::kUnavailable, std::move(message)};
}
inline Error Cancelled(std::string message) { return {ErrorCode::kCancelled, std::move(message)}; }
inline Error Internal(std::string message) { return {ErrorCode::kInternal, std::move(message)}; }

// Aborts, in release builds too, when a precondition does not hold that no input can break. The job
// that ran returns when its lease expires.
inline void Check(bool promise, const char* what) {
  if (promise) return;
  std::fprintf(stderr, "osteon: broken promise: %s\n", what);
  std::abort();
}

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok().
  T& value() & {
    Check(ok(), "Result::value() of an error");
    return *std::get_if<T>(&state_);
  }
  const T& value() const& {
    Check(ok(), "Result::value() of an error");
    return *std::get_if<T>(&state_);
  }
  T&& value() && {
    Check(ok(), "Result::value() of an error");
    return std::move(*std::get_if<T>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !ok().
  const Error& error() const& {
    Check(!ok(), "Result::error() of a value");
    return *std::get_if<Error>(&state_);
  }
  Error&& error() && {
    Check(!ok(), "Result::error() of a value");
    return std::move(*std::get_if<Error>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

struct Ok {};

// The result of something done for its effect.
class [[nodiscard]] Status : public Result<Ok> {
 public:
  Status() : Result<Ok>(Ok{}) {}
  Status(Error error) : Result<Ok>(std::move(error)) {}  // NOLINT(google-explicit-constructor)
};

}  // namespace osteon
