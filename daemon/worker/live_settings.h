// SPDX-License-Identifier: GPL-3.0-or-later
// osteond.toml, read again when it changes, without a restart. No job sees that file, only a copy
// in the spool folder with a name of its own for each content: a change never gets into the results
// of a job whose fingerprint was made from other settings.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/worker/config.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/pipeline.h"

namespace osteon {

struct Settings {
  WorkerConfig config;  // Its `file` is the copy; empty when osteond was started without a file.
  PipelineIdentity pipeline;
};

// What a job's analysis gets of the configuration.
PipelineOptions PipelineOptionsOf(const WorkerConfig& config);

// Thread-compatible.
class LiveSettings {
 public:
  using Identify = std::function<Result<PipelineIdentity>(const PipelineOptions&)>;

  // Reads the file (empty: the defaults, for ever) and removes the copies of an earlier start.
  // Errors: those of LoadWorkerConfig and `identify`; kUnavailable when the copy cannot be written.
  static Result<LiveSettings> Start(std::filesystem::path file, std::filesystem::path spool,
                                    Identify identify);

  // Those in force.
  const Settings& settings() const { return settings_; }
  // Looks at the file once a second, and at the networks once a minute. True when settings() has
  // changed. A faulty file leaves the last good settings in force; one that is just being
  // written is left alone until it stands still. Keys that need a restart are named in the log.
  bool Look(SteadyMs now);
  // Why the file as it is now was refused; empty while it is in force.
  const std::string& trouble() const { return trouble_; }

 private:
  // Time and size; nothing when there is no file.
  using Stamp = std::optional<std::pair<std::filesystem::file_time_type, std::uintmax_t>>;

  LiveSettings(std::filesystem::path file, std::filesystem::path spool, Identify identify)
      : file_(std::move(file)), spool_(std::move(spool)), identify_(std::move(identify)) {}
  Stamp StampNow() const;
  Result<Settings> Read() const;
  bool TakeOver(SteadyMs now);
  void Refuse(const Error& why);

  std::filesystem::path file_, spool_;
  Identify identify_;
  Settings settings_;
  WorkerConfig at_start_;  // Of the keys that need a restart, those in force.
  Stamp taken_;            // Of the file that was read last.
  Stamp seen_;             // At the last look.
  SteadyMs look_at_ = 0;
  SteadyMs read_again_at_ = 0;
  std::string trouble_;
};

}  // namespace osteon
