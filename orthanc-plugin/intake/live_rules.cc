// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/live_rules.h"

#include <fstream>
#include <iterator>
#include <system_error>

#include "pipelines/base/log.h"

namespace osteon::plugin {

Result<SiteRules> LoadRulesFile(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::file_size(file, error) > kMaxRulesBytes && !error)
    return InvalidInput(file.string() + " is larger than 64 KiB; name the file of selection rules");
  std::ifstream stream(file, std::ios::binary);
  if (error || !stream) return Unavailable(file.string() + " cannot be read");
  const std::string text((std::istreambuf_iterator<char>(stream)),
                         std::istreambuf_iterator<char>());
  auto rules = ParseRules(text);
  if (!rules) return std::move(rules).error().During(file.string());
  return rules;
}

LiveRules::LiveRules(SiteRules first, std::filesystem::path file)
    : file_(std::move(file)), rules_(std::make_shared<const SiteRules>(std::move(first))) {}

std::shared_ptr<const SiteRules> LiveRules::Get() {
  const MutexLock lock(mutex_);
  Refresh();
  return rules_;
}

std::string LiveRules::Trouble() {
  const MutexLock lock(mutex_);
  Refresh();
  return trouble_;
}

void LiveRules::Refresh() {
  if (file_.empty()) return;
  std::error_code gone;
  std::error_code unsized;
  const Stamp stamp{std::filesystem::last_write_time(file_, gone),
                    std::filesystem::file_size(file_, unsized)};
  if (gone || unsized) {
    read_.reset();
    return Refuse(file_.string() + " cannot be read");
  }
  if (read_ == stamp) return;
  read_ = stamp;
  auto rules = LoadRulesFile(file_);
  if (!rules) return Refuse(rules.error().message());
  trouble_.clear();
  if (rules->hash == rules_->hash) return;
  rules_ = std::make_shared<const SiteRules>(*std::move(rules));
  LogInfo("selection rules: " + file_.string() + " was read again");
}

void LiveRules::Refuse(const std::string& why) {
  const std::string trouble =
      "RulesFile cannot be used, the last good selection rules stay in force: " + why;
  if (trouble_ != trouble) LogError(trouble);
  trouble_ = trouble;
}

}  // namespace osteon::plugin
