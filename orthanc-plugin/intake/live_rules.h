// SPDX-License-Identifier: GPL-3.0-or-later
// The site's selection rules, read again when their file changes, without a restart.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "pipelines/base/mutex.h"
#include "pipelines/base/result.h"
#include "pipelines/rules/rules_file.h"

namespace osteon::plugin {

// Errors: kUnavailable when it cannot be read; kInvalidInput that names file and key.
Result<SiteRules> LoadRulesFile(const std::filesystem::path& file);

// Any thread.
class LiveRules {
 public:
  // `first` is in force until the file has other ones. Empty `file`: for ever.
  LiveRules(SiteRules first, std::filesystem::path file);

  // Those in force. Looks at the file: one that is missing or faulty leaves the last good rules
  // in force, and says so in Trouble().
  std::shared_ptr<const SiteRules> Get();
  // Why the file as it is now was refused; empty while it is in force.
  std::string Trouble();

 private:
  // Time and size: a change within the clock's resolution shows in one of them, or at the next.
  using Stamp = std::pair<std::filesystem::file_time_type, std::uintmax_t>;
  void Refresh() REQUIRES_LOCK(mutex_);
  void Refuse(const std::string& why) REQUIRES_LOCK(mutex_);

  const std::filesystem::path file_;
  Mutex mutex_;
  std::shared_ptr<const SiteRules> rules_ GUARDED_BY(mutex_);
  std::optional<Stamp> read_ GUARDED_BY(mutex_);
  std::string trouble_ GUARDED_BY(mutex_);
};

}  // namespace osteon::plugin
