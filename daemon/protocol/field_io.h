// SPDX-License-Identifier: GPL-3.0-or-later
// The two walkers over the field lists of fields.h: one writes the header of a message, one reads
// it, both check the limits of messages.h. Private to frames.cc. Thread-compatible.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/protocol/fields.h"

namespace osteon::protocol {

inline constexpr std::size_t kMaxJobIdBytes = 64;

inline bool IsToken(std::string_view text) {
  return text.size() <= kMaxTokenBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < 127 && c != '/';
         });
}

inline bool IsJobId(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !text.empty() && text.size() <= kMaxJobIdBytes && text[0] != '.' &&
         std::all_of(text.begin(), text.end(), allowed);
}

// At most kMaxTextBytes, not cut inside a UTF-8 character.
inline std::string_view CutText(std::string_view text) {
  if (text.size() <= kMaxTextBytes) return text;
  std::size_t end = kMaxTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

// What writer and reader have in common: the first thing found wrong, and the rules that hold in
// both directions.
class FieldChecks {
 public:
  void Require(const char* field, bool holds, const char* what) {
    if (!holds && !wrong_) wrong_ = std::string(field) + ": " + what;
  }
  bool failed() const { return wrong_.has_value(); }
  Error error() const { return InvalidInput(wrong_.value_or("")); }

 protected:
  void CheckNumber(const char* field, std::uint64_t value, std::uint64_t min, std::uint64_t max) {
    Require(field, value >= min && value <= max, "out of range");
  }
  void CheckOffset(const char* field, std::uint64_t value, std::uint64_t max) {
    Require(field, value < max && value % kChunkBytes == 0, "not the start of a piece");
  }
  void CheckFraction(const char* field, double value) {
    Require(field, value >= 0 && value <= 1, "not in 0..1");
  }

 private:
  std::optional<std::string> wrong_;
};

class FieldWriter : public FieldChecks {
 public:
  void Number(const char* field, std::uint32_t value, std::uint64_t min, std::uint64_t max) {
    CheckNumber(field, value, min, max);
    Put(value);
  }
  void Number(const char* field, std::uint64_t value, std::uint64_t min, std::uint64_t max) {
    CheckNumber(field, value, min, max);
    Put(value);
  }
  void Offset(const char* field, std::uint64_t value, std::uint64_t max) {
    CheckOffset(field, value, max);
    Put(value);
  }
  void Fraction(const char* field, double value) {
    CheckFraction(field, value);
    Put(std::bit_cast<std::uint64_t>(value));
  }
  template <typename E>
  void Enum(const char* field, E value, E last) {
    CheckNumber(field, static_cast<std::uint8_t>(value), 0, static_cast<std::uint8_t>(last));
    Put(static_cast<std::uint8_t>(value));
  }
  void Code(const char* field, ErrorCode code) { Token(field, osteon::Name(code)); }
  void JobId(const char* field, std::string_view value) {
    Require(field, IsJobId(value), "not a job id");
    PutString(value);
  }
  void Token(const char* field, std::string_view value) {
    Require(field, IsToken(value), "not a token");
    PutString(value);
  }
  void Text(const char* /*field*/, std::string_view value) { PutString(CutText(value)); }
  void LongText(const char* field, std::string_view value, std::size_t max) {
    Require(field, value.size() <= max, "too long");
    PutString(value);
  }
  bool Since(std::uint8_t /*minor*/) const { return true; }
  template <typename T>
  void List(const char* field, const std::vector<T>& list, std::uint32_t max) {
    Require(field, list.size() <= max, "too many");
    if (failed()) return;
    Put(static_cast<std::uint32_t>(list.size()));
    for (const T& element : list) Fields(*this, element);
  }

  std::string Take() { return std::move(bytes_); }

 private:
  template <typename N>
  void Put(N value) {
    for (std::size_t i = 0; i < sizeof(N); ++i) {
      bytes_.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff));
    }
  }
  void PutString(std::string_view value) {
    if (failed()) return;
    Put(static_cast<std::uint32_t>(value.size()));
    bytes_.append(value);
  }

  std::string bytes_;
};

// After the first failure every read is a no-op, so callers check once at the end.
class FieldReader : public FieldChecks {
 public:
  // `minor`: the version of the sender.
  FieldReader(std::string_view bytes, std::uint8_t minor) : rest_(bytes), minor_(minor) {}

  template <typename N>
  void Number(const char* field, N& value, std::uint64_t min, std::uint64_t max) {
    value = Get<N>(field);
    CheckNumber(field, value, min, max);
  }
  void Offset(const char* field, std::uint64_t& value, std::uint64_t max) {
    value = Get<std::uint64_t>(field);
    CheckOffset(field, value, max);
  }
  void Fraction(const char* field, double& value) {
    value = std::bit_cast<double>(Get<std::uint64_t>(field));
    CheckFraction(field, value);
  }
  template <typename E>
  void Enum(const char* field, E& value, E last) {
    const auto number = Get<std::uint8_t>(field);
    CheckNumber(field, number, 0, static_cast<std::uint8_t>(last));
    if (!failed()) value = static_cast<E>(number);
  }
  void Code(const char* field, ErrorCode& code) {
    std::string name;
    Token(field, name);
    code = ErrorCodeFromName(name);
  }
  void JobId(const char* field, std::string& value) {
    value = GetString(field, kMaxJobIdBytes);
    Require(field, IsJobId(value), "not a job id");
  }
  void Token(const char* field, std::string& value) {
    value = GetString(field, kMaxTokenBytes);
    Require(field, IsToken(value), "not a token");
  }
  void Text(const char* field, std::string& value) { value = GetString(field, kMaxTextBytes); }
  void LongText(const char* field, std::string& value, std::size_t max) {
    value = GetString(field, max);
  }
  // The sender knows the fields that came with this minor version.
  bool Since(std::uint8_t minor) const { return minor_ >= minor; }
  template <typename T>
  void List(const char* field, std::vector<T>& list, std::uint32_t max) {
    const auto count = Get<std::uint32_t>(field);
    Require(field, count <= max, "too many");
    // Grows as elements are read, so a lying count costs nothing.
    for (std::uint32_t i = 0; i < count && !failed(); ++i) Fields(*this, list.emplace_back());
  }

  bool AtEnd() const { return rest_.empty(); }

 private:
  template <typename N>
  N Get(const char* field) {
    Require(field, rest_.size() >= sizeof(N), "cut off");
    if (failed()) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(N); ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(sizeof(N));
    return static_cast<N>(value);
  }
  std::string GetString(const char* field, std::size_t max) {
    const auto size = Get<std::uint32_t>(field);
    Require(field, size <= max, "too long");
    Require(field, size <= rest_.size(), "cut off");
    if (failed()) return {};
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return std::string(value);
  }

  std::string_view rest_;
  std::uint8_t minor_;
};

}  // namespace osteon::protocol
