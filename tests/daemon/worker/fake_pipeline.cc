// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/worker/fake_pipeline.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "pipelines/base/log.h"
#include "pipelines/base/uid.h"

namespace osteon::testing {
namespace {

namespace fs = std::filesystem;

// Writes to the memory, so that it is really used.
[[noreturn]] void EatMemory() {
  std::vector<std::unique_ptr<std::vector<char>>> eaten;
  while (true) eaten.push_back(std::make_unique<std::vector<char>>(std::size_t{16} << 20, 'x'));
}

void WaitForFile(const fs::path& path) {
  while (!fs::exists(path)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

Analysis ResultOf(std::size_t bytes, const PipelineOptions& options) {
  Analysis analysis;
  analysis.documents.push_back({"sr.dcm", "1.2.840.10008.5.1.4.1.1.88.34",
                                DeriveUid(options.fingerprint, "sr"),
                                FakeDocument(options.fingerprint, bytes)});
  return analysis;
}

Analysis Tell(const PipelineOptions& options) {
  Analysis analysis = ResultOf(10, options);
  analysis.outcome = Outcome::kNotEvaluable;
  for (const RelatedRadiograph& film : options.radiographs) {
    analysis.reason += film.modality + " " + film.body_part + " " + film.study_date + ";";
  }
  if (options.prior_dir && fs::exists(*options.prior_dir / "000001.dcm"))
    analysis.reason += " prior";
  return analysis;
}

Result<Analysis> Obey(const std::string& word, const std::string& argument,
                      const PipelineOptions& options) {
  Analysis analysis;
  if (word == "result") return ResultOf(std::stoul(argument), options);
  if (word == "not_evaluable") {
    analysis = ResultOf(10, options);
    analysis.outcome = Outcome::kNotEvaluable;
    analysis.reason = "two of five stations are missing";
    return analysis;
  }
  if (word == "not_whole_body") {
    analysis.outcome = Outcome::kNotWholeBody;
    analysis.reason = "a brain MRI";
    return analysis;
  }
  if (word == "tell") return Tell(options);
  if (word == "throw") throw std::runtime_error("a library does not like 'Doe^Jane'");
  if (word == "crash") std::raise(SIGSEGV);
  if (word == "eat") EatMemory();
  if (word == "hang") WaitForFile("/nonexistent");
  if (word == "spin") {
    for (std::atomic<unsigned> i = 0;; ++i) {
    }
  }
  if (word == "wait") {
    WaitForFile(argument);
    return ResultOf(100, options);
  }
  return InvalidInput("the study says '" + word + "'");
}

Result<Analysis> Analyze(const fs::path& study, const PipelineOptions& options, RunContext& run) {
  std::ifstream file(study / "000000.dcm");
  std::string word, argument;
  file >> word >> argument;
  const auto timer = run.Timed("detect", 0.5);
  LogInfo("the study says " + word);
  return Obey(word, argument, options);
}

}  // namespace

std::string FakeDocument(const std::string& fingerprint, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += fingerprint + std::to_string(text.size());
  text.resize(bytes);
  return text;
}

PipelineEntry FakePipeline() {
  return {[](const PipelineOptions&) {
            return Result<PipelineIdentity>(PipelineIdentity{"fake", "1", std::string(64, 'e')});
          },
          Analyze};
}

}  // namespace osteon::testing
