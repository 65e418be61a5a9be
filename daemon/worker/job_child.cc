// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/job_child.h"

#include <fmt/core.h>

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <new>

#include "daemon/protocol/messages.h"
#include "daemon/worker/child.h"
#include "daemon/worker/spool.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/foreign_text.h"
#include "pipelines/base/log.h"

namespace osteon {
namespace {

namespace fs = std::filesystem;
using protocol::Failed;
using protocol::Job;
using protocol::ResultManifest;

// Writes each line in one call, so that lines of several threads do not mix. A failed write means
// that the parent is gone, and then this process is about to be killed.
void Report(std::string line) {
  std::replace(line.begin(), line.end(), '\n', ' ');
  line.resize(std::min(line.size(), kMaxReportBytes));
  line.push_back('\n');
  [[maybe_unused]] const ssize_t written = ::write(kReportFd, line.data(), line.size());
}

// A token of the protocol has no space and no '/'.
std::string AsToken(std::string_view stage) {
  std::string token(stage.substr(0, kMaxStageBytes));
  std::replace_if(
      token.begin(), token.end(), [](char c) { return c <= ' ' || c > '~' || c == '/'; }, '_');
  return token.empty() ? "unknown" : token;
}

std::uint64_t PeakMemoryBytes() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

protocol::ResultOutcome OnTheWire(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnalysed:
      return protocol::ResultOutcome::kAnalysed;
    case Outcome::kNotEvaluable:
      return protocol::ResultOutcome::kNotEvaluable;
    case Outcome::kNotWholeBody:
      return protocol::ResultOutcome::kNotWholeBody;
  }
  return protocol::ResultOutcome::kNotEvaluable;
}

std::vector<protocol::StageCost> CostsOf(const RunContext& run) {
  std::vector<protocol::StageCost> costs;
  for (const StageTime& time : run.stage_times()) {
    if (costs.size() == protocol::kMaxStages) break;
    const double milliseconds = std::clamp(std::round(time.seconds * 1000), 0.0, 4e9);
    costs.push_back({AsToken(time.stage), static_cast<std::uint32_t>(milliseconds),
                     static_cast<std::uint64_t>(time.peak_memory_mib * 1024 * 1024)});
  }
  return costs;
}

Result<ResultManifest> WriteResult(const fs::path& folder, const Job& job, const Analysis& analysis,
                                   const RunContext& run) {
  ResultManifest result;
  result.lease = job.lease;
  result.fingerprint = job.fingerprint;
  result.outcome = OnTheWire(analysis.outcome);
  result.reason = analysis.reason;
  for (const Document& document : analysis.documents) {
    const Status status = WriteDurably(folder / kOutFolder / document.name, document.bytes);
    if (!status) return status.error();
    result.documents.push_back({document.name, document.sop_class_uid, document.sop_instance_uid,
                                document.bytes.size(), Sha256Hex(document.bytes)});
  }
  result.stages = CostsOf(run);
  result.peak_memory_bytes = PeakMemoryBytes();
  return result;
}

// The folder of prior instances; nothing when the job has none.
std::optional<fs::path> PriorFolder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_empty(folder / kPriorFolder, error) || error) return std::nullopt;
  return folder / kPriorFolder;
}

// The networks may have been replaced since the worker said which it has.
Status CheckPipeline(const PipelineEntry& pipeline, const PipelineOptions& options,
                     const std::string& pipeline_hash) {
  if (pipeline_hash.empty()) return {};
  const Result<PipelineIdentity> identity = pipeline.identify(options);
  if (!identity) return identity.error();
  if (identity->hash == pipeline_hash) return {};
  return Unavailable(
      "the networks in model_dir were changed since the job was handed out; the worker notices it "
      "within a minute");
}

Result<ResultManifest> Analyze(const PipelineEntry& pipeline, const fs::path& folder,
                               const Job& job, const PipelineOptions& options,
                               const std::string& pipeline_hash, RunContext& run) {
  try {
    if (Status same = CheckPipeline(pipeline, options, pipeline_hash); !same)
      return std::move(same).error();
    Result<Analysis> analysis = pipeline.analyze(folder / kStudyFolder, options, run);
    if (!analysis) return std::move(analysis).error();
    return WriteResult(folder, job, *analysis, run);
  } catch (const std::bad_alloc&) {
    return Internal("out of memory: it needs more than memory_mib of the worker's configuration");
  } catch (const std::exception& e) {
    return Internal("a library threw: " + ForeignText(e.what()));
  }
}

}  // namespace

int RunJobChild(const PipelineEntry& pipeline, const fs::path& folder, PipelineOptions options,
                const std::string& pipeline_hash) {
  SetLogSink([](LogLevel level, std::string_view text) {
    Report("L " + std::string(Name(level)) + " " + std::string(text));
  });
  Result<protocol::Message> message = ReadMessageFile(folder / kJobFile);
  const Job* job = message ? std::get_if<Job>(&*message) : nullptr;
  if (job == nullptr) {
    LogError("no readable job in " + folder.string());
    return 1;
  }
  options.fingerprint = job->fingerprint;
  options.prior_dir = PriorFolder(folder);
  options.selection_rules = job->selection_rules;
  options.incomplete = job->incomplete;
  for (const protocol::RelatedRadiograph& film : job->related) {
    options.radiographs.push_back(
        {film.study_instance_uid, film.modality, film.body_part, film.date});
  }
  std::string stage = "read";
  RunContext run([&](std::string_view name, double fraction) {
    stage = AsToken(name);
    Report(fmt::format("P {:.4f} {}", std::clamp(fraction, 0.0, 1.0), stage));
  });
  Result<ResultManifest> result = Analyze(pipeline, folder, *job, options, pipeline_hash, run);
  const protocol::Message outcome =
      result ? protocol::Message(*result)
             : Failed{job->lease, result.error().code(), stage, result.error().message()};
  const Status written = WriteMessageFile(folder / kOutcomeFile, outcome);
  if (!written) LogError("cannot write the outcome: " + written.error().message());
  return written ? 0 : 1;
}

}  // namespace osteon
