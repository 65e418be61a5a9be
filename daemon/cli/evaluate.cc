// SPDX-License-Identifier: GPL-3.0-or-later
// osteon evaluate --truth DIR --results DIR: compares results with the segmentations of a site's
// own readers.
#include "pipelines/evaluate/evaluate.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "daemon/cli/command.h"
#include "daemon/cli/print.h"
#include "pipelines/base/foreign_text.h"

namespace osteon::cli {
namespace {

namespace fs = std::filesystem;

struct EvaluateArguments {
  fs::path truth, results, out;
  EvaluateOptions options;
  bool json = false;
};

Status WriteFile(const fs::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  file.close();
  if (file.fail()) return Unavailable(path.string() + ": cannot be written");
  return {};
}

// evaluation.json, and froc.png when there is a point to draw.
Status WriteEvaluation(const Evaluation& evaluation, const fs::path& out) {
  std::error_code error;
  fs::create_directories(out, error);
  if (error) return Unavailable(out.string() + ": cannot be made: " + error.message());
  if (Status written = WriteFile(out / "evaluation.json", EvaluationJson(evaluation)); !written) {
    return written;
  }
  if (evaluation.summary.froc.points.empty()) return {};
  auto png = FrocPng(evaluation);
  if (!png) return std::move(png).error();
  return WriteFile(out / "froc.png", *png);
}

// Libraries throw, our code does not: exceptions become errors here.
Result<Evaluation> Compare(const EvaluateArguments& arguments) {
  ProgressLine progress;
  RunContext run([&](std::string_view stage, double fraction) { progress.Show(stage, fraction); });
  try {
    return Evaluate(arguments.truth, arguments.results, arguments.options, run);
  } catch (const std::exception& e) {
    return Internal("a library threw: " + ForeignText(e.what()));
  }
}

void PrintEvaluation(const Evaluation& evaluation, const EvaluateArguments& arguments) {
  if (arguments.json) {
    std::fputs(EvaluationJson(evaluation).c_str(), stdout);
    return;
  }
  // Line by line: site names and UIDs in the text come from files.
  const std::string text = EvaluationText(evaluation);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::printf("%s\n", Printable(rest.substr(0, end)).c_str());
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

int RunEvaluate(const EvaluateArguments& arguments) {
  const Result<Evaluation> evaluation = Compare(arguments);
  if (!evaluation) {
    const bool input = evaluation.error().code() == ErrorCode::kInvalidInput ||
                       evaluation.error().code() == ErrorCode::kUnsupported;
    return Complain(evaluation.error().message(), input ? kUsage : kFailed);
  }
  if (!arguments.out.empty()) {
    const Status written = WriteEvaluation(*evaluation, arguments.out);
    if (!written) return Complain(written.error().message(), kFailed);
  }
  PrintEvaluation(*evaluation, arguments);
  return kDone;
}

}  // namespace

void AddEvaluate(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("evaluate", "Compare results with the segmentations of your own readers");
  const auto arguments = std::make_shared<EvaluateArguments>();
  EvaluateOptions& options = arguments->options;
  command
      ->add_option("--truth", arguments->truth,
                   "Folder with reference Segmentations; every segment is one lesion")
      ->required()
      ->check(CLI::ExistingDirectory);
  command
      ->add_option("--results", arguments->results,
                   "Folder with Osteon's seg.dcm, sr.dcm and findings.json, a subfolder per study")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->add_option("--out", arguments->out, "Folder for evaluation.json and froc.png");
  command
      ->add_option("--minimum-ml", options.least_ml,
                   "Smaller lesions of the reference need not be found")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
  command
      ->add_option("--resamples", options.bootstrap.resamples,
                   "Number of resamples of the bootstrap over studies")
      ->check(CLI::Range(100, 100'000))
      ->capture_default_str();
  command->add_option("--seed", options.bootstrap.seed, "Seed of the bootstrap")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print evaluation.json instead of the table");
  command->footer(
      "Studies are matched by Study Instance UID; a study in one folder only is listed and not "
      "counted. A study with\n"
      "no Segmentation counts as one without lesions (or with nothing found) when the folder has "
      "another DICOM object of it.\n"
      "Exit code: 0 compared; 2 wrong arguments, or no study in common; 1 anything else.");
  command->callback(
      [arguments, &action] { action = [arguments] { return RunEvaluate(*arguments); }; });
}

}  // namespace osteon::cli
