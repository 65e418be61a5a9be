// SPDX-License-Identifier: GPL-3.0-or-later
// Reads one table of a TOML configuration key by key: a missing key keeps its default; an unknown
// key or an invalid value is an error that names line, key and what is allowed. Used for osteond's
// own tables and for [pipeline].
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#define TOML_EXCEPTIONS 0
// toml++ 3.3 asserts that a key follows "[", although it returns an error when none does. The
// assertion is disabled, so that no text can end the program (found by tests/fuzz).
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>

#include "pipelines/base/log.h"
#include "pipelines/base/nearest.h"
#include "pipelines/base/result.h"
#include "pipelines/settings/toml_characters.h"

namespace osteon {

inline std::string LineOf(const toml::source_region& where) {
  return fmt::format("line {}: ", where.begin.line);
}

// Parses the whole text as a table. Error kInvalidInput names the line.
inline Result<toml::table> ParseToml(std::string_view text) {
  if (Status sound = CheckCharacters(text); !sound) return std::move(sound).error();
  toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return InvalidInput(LineOf(parsed.error().source()) +
                        std::string(parsed.error().description()));
  }
  return std::move(parsed).table();
}

// Reads the keys of one table one after another and keeps the first error. Keys that were not read
// are unknown.
class TomlTable {
 public:
  TomlTable(const toml::table& root, std::string_view name) : name_(name) {
    const toml::node* node = root.get(name);
    if (node == nullptr) return;
    table_ = node->as_table();
    if (table_ == nullptr) Fail(*node, "[" + name_ + "] must be a table");
  }

  void Text(std::string_view key, std::string& value) {
    const toml::node* node = Take(key);
    if (node == nullptr) return;
    if (const auto text = node->value_exact<std::string>()) {
      value = *text;
    } else {
      Fail(*node, Named(key) + " must be a text in quotes");
    }
  }
  void Path(std::string_view key, std::filesystem::path& value) {
    std::string text = value.string();
    Text(key, text);
    value = text;
  }
  // A key of an earlier version.
  void Refuse(std::string_view key, const std::string& why) {
    const toml::node* node = table_ != nullptr ? table_->get(key) : nullptr;
    if (node != nullptr) Fail(*node, Named(key) + " " + why);
  }
  void Flag(std::string_view key, bool& value) {
    const toml::node* node = Take(key);
    if (node == nullptr) return;
    if (const auto flag = node->value_exact<bool>()) {
      value = *flag;
    } else {
      Fail(*node, Named(key) + " must be true or false");
    }
  }
  void Number(std::string_view key, double& value, double min, double max) {
    const toml::node* node = Take(key);
    if (node == nullptr) return;
    const auto number = node->value<double>();
    if (number && *number >= min && *number <= max) {
      value = *number;
    } else {
      Fail(*node, Named(key) + " must be a number from " + Short(min) + " to " + Short(max));
    }
  }
  // One of a few words, each of which stands for a value.
  template <typename E, std::size_t N>
  void Choice(std::string_view key, const std::pair<std::string_view, E> (&choices)[N], E& value) {
    const toml::node* node = Take(key);
    if (node == nullptr) return;
    const auto word = node->value_exact<std::string>();
    std::string all;
    for (const auto& [name, choice] : choices) {
      if (word && *word == name) {
        value = choice;
        return;
      }
      all += (all.empty() ? "\"" : ", \"") + std::string(name) + "\"";
    }
    Fail(*node, Named(key) + " must be one of " + all);
  }
  template <typename N>
  void Integer(std::string_view key, N& value, std::int64_t min, std::int64_t max) {
    const toml::node* node = Take(key);
    if (node == nullptr) return;
    const auto number = node->value_exact<std::int64_t>();
    if (number && *number >= min && *number <= max) {
      value = static_cast<N>(*number);
    } else {
      Fail(*node, fmt::format("{} must be a whole number from {} to {}", Named(key), min, max));
    }
  }
  void Mebibytes(std::string_view key, std::uint64_t& bytes, std::int64_t min, std::int64_t max) {
    std::uint64_t mib = bytes >> 20;
    Integer(key, mib, min, max);
    bytes = mib << 20;
  }
  void Level(std::string_view key, LogLevel& value) {
    std::string name(Name(value));
    Text(key, name);
    for (const LogLevel level :
         {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
      if (Name(level) == name) {
        value = level;
        return;
      }
    }
    Fail(*table_->get(key), Named(key) + " must be \"debug\", \"info\", \"warning\" or \"error\"");
  }

  // kInvalidInput with the first error; unknown keys come last.
  Status Finish() {
    if (table_ != nullptr && !wrong_) {
      for (const auto& [key, node] : *table_) {
        if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
        Fail(node, "unknown key " + Named(key.str()) + ", the nearest known one is '" +
                       std::string(NearestName(key.str(), known_)) + "'");
      }
    }
    if (wrong_) return InvalidInput(*wrong_);
    return {};
  }

 private:
  const toml::node* Take(std::string_view key) {
    known_.push_back(key);
    return table_ == nullptr ? nullptr : table_->get(key);
  }
  static std::string Short(double number) { return fmt::format("{:g}", number); }
  std::string Named(std::string_view key) const {
    return "'" + std::string(key) + "' in [" + name_ + "]";
  }
  void Fail(const toml::node& node, const std::string& what) {
    if (!wrong_) wrong_ = LineOf(node.source()) + what;
  }

  std::string name_;
  const toml::table* table_ = nullptr;
  std::vector<std::string_view> known_;
  std::optional<std::string> wrong_;
};

}  // namespace osteon
