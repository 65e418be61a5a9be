// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/worker/fake_pipeline.h"

#include <fmt/core.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "pipelines/base/digest.h"
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

// What follows "[pipeline]" in the configuration.
std::string SettingsIn(const fs::path& config) {
  std::ifstream file(config);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t at = text.find("[pipeline]");
  return at == std::string::npos ? "" : text.substr(at);
}

Result<PipelineIdentity> Identify(const PipelineOptions& options) {
  const std::string settings = SettingsIn(options.config_file);
  if (settings.find("bad") != std::string::npos)
    return InvalidInput(options.config_file.string() + ": line 9: 'bad' is not known");
  std::string networks;
  std::ifstream(options.model_dir / "card") >> networks;
  const std::string all = settings + networks;
  return PipelineIdentity{"fake", "1", all.empty() ? std::string(64, 'e') : Sha256Hex(all)};
}

Analysis Tell(const PipelineOptions& options) {
  Analysis analysis = ResultOf(10, options);
  analysis.outcome = Outcome::kNotEvaluable;
  analysis.reason = SettingsIn(options.config_file);
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
  while (text.size() < bytes) text += fmt::format("{}{}", fingerprint, text.size());
  text.resize(bytes);
  return text;
}

PipelineEntry FakePipeline() { return {Identify, Analyze}; }

}  // namespace osteon::testing
