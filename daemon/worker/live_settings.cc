// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/live_settings.h"

#include <system_error>

#include "daemon/worker/files.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/log.h"

namespace osteon {
namespace {

namespace fs = std::filesystem;

constexpr SteadyMs kLookMs = 1'000;
// A file that could not be read is tried again, and networks that were replaced are noticed. Model
// cards are hashed for it: 50 kB.
constexpr SteadyMs kReadAgainMs = 60'000;
constexpr std::size_t kNameDigits = 16;  // Of the hash: no two of a site's files share them.
constexpr std::string_view kCopy = "settings-";

// Keys that are used once, when osteond starts.
std::string NeedRestart(const WorkerConfig& now, const WorkerConfig& next) {
  const std::pair<const char*, bool> keys[] = {
      {"endpoint", now.endpoint != next.endpoint},
      {"key_file", now.key_file != next.key_file},
      {"server_public_key_file", now.server_public_key_file != next.server_public_key_file},
      {"metrics", now.metrics != next.metrics},
      {"spool_dir", now.spool_dir != next.spool_dir},
      {"log_level", now.log_level != next.log_level}};
  std::string names;
  for (const auto& [name, differs] : keys)
    if (differs) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

// An error about the copy, said of the file that a person can correct.
Error NameTheFile(const Error& error, const fs::path& copy, const fs::path& file) {
  std::string message = error.message();
  const std::size_t at = copy.empty() ? std::string::npos : message.find(copy.string());
  if (at != std::string::npos) message.replace(at, copy.string().size(), file.string());
  return {error.code(), message};
}

void RemoveCopies(const fs::path& spool) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(spool, error)) {
    if (entry.path().filename().string().starts_with(kCopy)) fs::remove(entry.path(), error);
  }
}

}  // namespace

PipelineOptions PipelineOptionsOf(const WorkerConfig& config) {
  PipelineOptions options;
  options.model_dir = config.model_dir;
  options.config_file = config.file;
  options.threads = config.threads;
  return options;
}

Result<LiveSettings> LiveSettings::Start(fs::path file, fs::path spool, Identify identify) {
  RemoveCopies(spool);
  LiveSettings live(std::move(file), std::move(spool), std::move(identify));
  live.taken_ = live.seen_ = live.StampNow();
  Result<Settings> first = live.Read();
  if (!first) return std::move(first).error();
  live.settings_ = *std::move(first);
  live.at_start_ = live.settings_.config;
  return live;
}

LiveSettings::Stamp LiveSettings::StampNow() const {
  std::error_code untimed, unsized;
  const auto time = fs::last_write_time(file_, untimed);
  const auto size = fs::file_size(file_, unsized);
  if (untimed || unsized) return std::nullopt;
  return {{time, size}};
}

Result<Settings> LiveSettings::Read() const {
  std::string text;
  if (!file_.empty()) {
    auto read = ReadFile(file_, kMaxConfigBytes);
    if (!read) return std::move(read).error();
    text = *std::move(read);
  }
  auto config = ParseWorkerConfig(text);
  if (!config) return std::move(config).error().During(file_.string());
  if (!file_.empty()) {
    config->file = spool_ / (std::string(kCopy) + Sha256Hex(text).substr(0, kNameDigits) + ".toml");
    if (Status kept = WriteDurably(config->file, text); !kept) return std::move(kept).error();
  }
  auto pipeline = identify_(PipelineOptionsOf(*config));
  if (!pipeline) return NameTheFile(pipeline.error(), config->file, file_);
  return Settings{*std::move(config), *std::move(pipeline)};
}

bool LiveSettings::Look(SteadyMs now) {
  if (now < look_at_) return false;
  look_at_ = now + kLookMs;
  if (read_again_at_ == 0) read_again_at_ = now + kReadAgainMs;
  if (file_.empty()) return now >= read_again_at_ && TakeOver(now);
  const Stamp stamp = StampNow();
  // An editor may be writing: an empty or half-written file may be valid and mean something else.
  const bool stands_still = stamp == std::exchange(seen_, stamp);
  if (!stands_still || (stamp == taken_ && now < read_again_at_)) return false;
  taken_ = stamp;
  return TakeOver(now);
}

bool LiveSettings::TakeOver(SteadyMs now) {
  read_again_at_ = now + kReadAgainMs;
  Result<Settings> next = Read();
  if (!next) {
    Refuse(next.error());
    return false;
  }
  trouble_.clear();
  const bool other_file = next->config.file != settings_.config.file;
  const bool other_pipeline = next->pipeline.hash != settings_.pipeline.hash;
  if (!other_file && !other_pipeline) return false;
  LogInfo(
      (other_file ? file_.string() + " was read again" : std::string("the networks were changed")) +
      (other_pipeline ? ": jobs from now on have other settings of the analysis, pipeline "
                      : ": the analysis has no other settings, pipeline ") +
      next->pipeline.hash.substr(0, 12));
  if (const std::string names = NeedRestart(at_start_, next->config); !names.empty())
    LogWarning(file_.string() + ": what changed in " + names + " needs a restart of osteond");
  settings_ = *std::move(next);
  return true;
}

void LiveSettings::Refuse(const Error& why) {
  const std::string trouble =
      "its settings cannot be used, the last good ones stay in force: " + why.message();
  if (trouble_ != trouble) LogError("osteond: " + trouble);
  trouble_ = trouble;
}

}  // namespace osteon
