// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/program.h"

#include <fmt/core.h>

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "daemon/worker/loop.h"
#include "pipelines/base/log.h"
#include "pipelines/base/version.h"

namespace osteon {
namespace {

constexpr int kStopped = 0;
constexpr int kCannotRun = 1;
constexpr int kUsage = 2;

spdlog::level::level_enum LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Logs to standard error, with the time unless journald adds it.
void StartLog(LogLevel level) {
  auto logger = spdlog::stderr_logger_st("osteond");
  logger->set_pattern(std::getenv("JOURNAL_STREAM") == nullptr ? "%Y-%m-%dT%H:%M:%S.%e %l %v"
                                                               : "%l %v");
  logger->set_level(LevelOf(level));
  logger->flush_on(spdlog::level::debug);
  SetLogSink([logger](LogLevel l, std::string_view line) { logger->log(LevelOf(l), "{}", line); });
}

int Complain(const Error& error, int exit_code) {
  std::fprintf(stderr, "osteond: %s\n", error.message().c_str());
  return exit_code;
}

Status Serve(const WorkerConfig& config, const LiveSettings::Identify& identify, int signal_fd) {
  Result<ConnectionOptions> options = ConnectionOptionsOf(config);
  if (!options) return std::move(options).error();
  Result<Spool> spool = Spool::Open(config.spool_dir);
  if (!spool) return std::move(spool).error();
  auto live = LiveSettings::Start(config.file, config.spool_dir, identify);
  if (!live) return std::move(live).error();
  const std::string security = options->keys ? "CURVE" : "no encryption (this machine only)";
  Result<Connection> connection = Connection::Open(std::move(options).value());
  if (!connection) return std::move(connection).error();
  LogInfo(fmt::format("osteond {} '{}', {} slot(s), plugin at {}, {}", kVersion, config.name,
                      config.slots, config.endpoint, security));
  std::optional<MetricsServer> metrics;
  if (!config.metrics.empty()) {
    Result<MetricsServer> opened = MetricsServer::Open(config.metrics);
    // Studies matter more than figures: another osteond on this machine may have the port.
    if (!opened) LogWarning("no metrics: " + opened.error().message());
    if (opened) metrics.emplace(*std::move(opened));
  }
  Worker worker(live->settings(), std::move(spool).value(),
                [&](const protocol::Message& message) { return connection->Send(message); });
  RunLoop(worker, *connection, *live, metrics ? &*metrics : nullptr, signal_fd, SystemClock());
  return {};
}

struct ServeArguments {
  std::string config;
  bool check = false;
};

int RunServe(const ServeArguments& arguments, const PipelineEntry& pipeline) {
  // Before any thread is started, since threads inherit the blocked signals.
  Result<Fd> signals = WatchSignals();
  if (!signals) return Complain(signals.error(), kCannotRun);
  Result<WorkerConfig> config =
      arguments.config.empty() ? ParseWorkerConfig("") : LoadWorkerConfig(arguments.config);
  if (!config) return Complain(config.error(), kUsage);
  Result<PipelineIdentity> identity = pipeline.identify(PipelineOptionsOf(*config));
  if (!identity) return Complain(identity.error(), kCannotRun);
  if (arguments.check) {
    if (auto keys = ConnectionOptionsOf(*config); !keys) return Complain(keys.error(), kCannotRun);
    std::printf("osteond: configuration, keys and models are in order (pipeline %s %s)\n",
                identity->name.c_str(), identity->version.c_str());
    return kStopped;
  }
  StartLog(config->log_level);
  if (Status status = Serve(*config, pipeline.identify, signals->get()); !status) {
    return Complain(status.error(), kCannotRun);
  }
  return kStopped;
}

struct JobArguments {
  std::string folder, config, model_dir, pipeline_hash;
  int threads = 1;
};

int RunJob(const JobArguments& arguments, const PipelineEntry& pipeline) {
  PipelineOptions options;
  options.model_dir = arguments.model_dir;
  options.config_file = arguments.config;
  options.threads = arguments.threads;
  return RunJobChild(pipeline, arguments.folder, options, arguments.pipeline_hash);
}

// Started by Worker::StartChild, not by people, so it is not in --help.
CLI::App* AddJobCommand(CLI::App& app, JobArguments& arguments) {
  CLI::App* job = app.add_subcommand("job", "One study, started by osteond itself")->group("");
  job->add_option("--folder", arguments.folder)->required();
  job->add_option("--config", arguments.config);
  job->add_option("--model-dir", arguments.model_dir);
  job->add_option("--threads", arguments.threads);
  job->add_option("--pipeline-hash", arguments.pipeline_hash);
  return job;
}

}  // namespace

int OsteondMain(int argc, char** argv, const PipelineEntry& pipeline) {
  ::umask(077);
  CLI::App app(
      "Osteon worker: takes studies from the Orthanc plugin, analyses each in a process of its "
      "own, and sends\n"
      "the results back. At SIGTERM it takes no new study, finishes the running ones, and stops.",
      "osteond");
  app.set_version_flag("--version", "osteond " + std::string(kVersion));
  ServeArguments serve;
  app.add_option("--config", serve.config,
                 "TOML file, see config/osteond.toml; without it: all defaults");
  app.add_flag("--check", serve.check, "Check configuration, keys and models, then exit");
  JobArguments job;
  const CLI::App* job_command = AddJobCommand(app, job);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kStopped : kUsage;
  }
  return job_command->parsed() ? RunJob(job, pipeline) : RunServe(serve, pipeline);
}

}  // namespace osteon
