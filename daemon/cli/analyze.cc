// SPDX-License-Identifier: GPL-3.0-or-later
// osteon analyze DIR --out OUT: runs the pipeline without any server.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <new>
#include <thread>

#include "daemon/cli/answer_text.h"
#include "daemon/cli/command.h"
#include "daemon/cli/output_folder.h"
#include "daemon/cli/print.h"
#include "pipelines/base/foreign_text.h"
#include "pipelines/pipeline.h"

namespace osteon::cli {
namespace {

struct AnalyzeArguments {
  std::filesystem::path study, out;
  std::string prior;
  std::filesystem::path rules;
  PipelineOptions options;
  bool json = false;
};

// A signal handler can reach nothing but a global. It is set before the handler is installed.
// Cancel() stores to a lock-free atomic.
RunContext* running = nullptr;

extern "C" void CancelOnSignal(int /*signal*/) {
  if (running != nullptr) running->Cancel();
}

const char* OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnalysed:
      return "analysed";
    case Outcome::kNotEvaluable:
      return "not_evaluable";
    case Outcome::kNotWholeBody:
      return "not_whole_body";
  }
  return "";
}

int ExitCodeOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnalysed:
      return kDone;
    case Outcome::kNotEvaluable:
      return kNotEvaluable;
    case Outcome::kNotWholeBody:
      return kNotWholeBody;
  }
  return kFailed;
}

// Unreadable input is exit code 2, everything else 1.
int ExitCodeOf(const Error& error) {
  const bool input =
      error.code() == ErrorCode::kInvalidInput || error.code() == ErrorCode::kUnsupported;
  return input ? kUsage : kFailed;
}

// Libraries throw, our code does not: exceptions become errors here.
Result<Analysis> Analyze(const AnalyzeArguments& arguments, RunContext& run) {
  try {
    return AnalyzeStudy(arguments.study, arguments.options, run);
  } catch (const std::bad_alloc&) {
    return Internal("out of memory");
  } catch (const std::exception& e) {
    return Internal("a library threw: " + ForeignText(e.what()));
  }
}

void PrintJson(const AnalyzeArguments& arguments, const Analysis& analysis) {
  nlohmann::ordered_json json;
  json["outcome"] = OutcomeName(analysis.outcome);
  json["reason"] = analysis.reason;
  json["impression"] = analysis.impression;
  json["out"] = analysis.outcome == Outcome::kNotWholeBody ? "" : arguments.out.string();
  json["documents"] = nlohmann::ordered_json::array();
  for (const Document& document : analysis.documents) json["documents"].push_back(document.name);
  const auto findings = nlohmann::ordered_json::parse(analysis.findings_json, nullptr, false);
  json["findings"] = findings.is_discarded() ? nlohmann::ordered_json() : findings;
  std::puts(json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
}

void PrintText(const AnalyzeArguments& arguments, const Analysis& analysis) {
  if (!analysis.reason.empty()) std::printf("%s\n", Printable(analysis.reason).c_str());
  // Line by line: Printable would replace the line breaks.
  std::string_view rest = analysis.impression;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::printf("%s\n", Printable(rest.substr(0, end)).c_str());
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (analysis.outcome == Outcome::kNotWholeBody) return;
  std::printf("\nWritten to %s:", arguments.out.string().c_str());
  for (const Document& document : analysis.documents) std::printf(" %s", document.name.c_str());
  std::printf(" findings.json overview.png\nUnverified: a radiologist must confirm.\n");
}

int RunAnalyze(AnalyzeArguments arguments) {
  if (!arguments.prior.empty()) arguments.options.prior_dir = arguments.prior;
  if (!arguments.rules.empty()) {
    std::ifstream stream(arguments.rules, std::ios::binary);
    arguments.options.selection_rules.assign(std::istreambuf_iterator<char>(stream), {});
    if (!stream) return Complain(arguments.rules.string() + ": cannot be read", kUsage);
  }
  ProgressLine progress;
  RunContext run([&](std::string_view stage, double fraction) {
    progress.Show(StageWords(std::string(stage)), fraction);
  });
  running = &run;
  std::signal(SIGINT, CancelOnSignal);
  std::signal(SIGTERM, CancelOnSignal);
  const Result<Analysis> analysis = Analyze(arguments, run);
  running = nullptr;
  progress.Clear();
  if (!analysis) return Complain(analysis.error().message(), ExitCodeOf(analysis.error()));
  if (analysis->outcome != Outcome::kNotWholeBody || arguments.options.explain) {
    const Status written = WriteAnalysis(*analysis, arguments.out);
    if (!written) return Complain(written.error().message(), kFailed);
  }
  arguments.json ? PrintJson(arguments, *analysis) : PrintText(arguments, *analysis);
  if (analysis->outcome == Outcome::kNotWholeBody && !arguments.json) {
    return Complain(arguments.options.explain
                        ? "not a whole-body MRI study; only OUT/explain was written"
                        : "not a whole-body MRI study; nothing was written",
                    kNotWholeBody);
  }
  return ExitCodeOf(analysis->outcome);
}

}  // namespace

void AddAnalyze(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("analyze", "Analyse one study in a folder, without any server");
  const auto arguments = std::make_shared<AnalyzeArguments>();
  arguments->options.threads =
      static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 8U));
  command
      ->add_option("DIR", arguments->study,
                   "Folder with the DICOM files of one study, searched to any depth")
      ->required()
      ->check(CLI::ExistingDirectory);
  command
      ->add_option("--out", arguments->out,
                   "Folder for sr.dcm, seg.dcm, sc-*.dcm, findings.json, overview.png")
      ->required();
  command
      ->add_option("--prior", arguments->prior,
                   "Folder with SR and images of an earlier study of the same patient")
      ->check(CLI::ExistingDirectory);
  command
      ->add_option("--config", arguments->options.config_file,
                   "osteond.toml; its [pipeline] table is used")
      ->check(CLI::ExistingFile);
  command
      ->add_option("--rules", arguments->rules,
                   "Selection rules in the format of the plugin's RulesFile (selection_rules.json)")
      ->check(CLI::ExistingFile);
  command->add_option("--model-dir", arguments->options.model_dir, "Folder with the networks")
      ->check(CLI::ExistingDirectory);
  command
      ->add_option("--threads", arguments->options.threads,
                   "Processor cores to use; results do not depend on it")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_flag("--explain", arguments->options.explain,
                    "Also write OUT/explain: the reason for each series, candidate and decision");
  command->add_flag("--json", arguments->json, "Print outcome and findings as JSON");
  command->footer(
      "Exit code: 0 analysed, with lesions or none; 3 not evaluable, an SR says why; 4 not a "
      "whole-body MRI; 2 wrong\n"
      "arguments or unreadable input; 1 anything else. OUT is written completely or not at all.");
  command->callback(
      [arguments, &action] { action = [arguments] { return RunAnalyze(*arguments); }; });
}

}  // namespace osteon::cli
