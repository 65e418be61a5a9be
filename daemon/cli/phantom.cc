// SPDX-License-Identifier: GPL-3.0-or-later
// osteon phantom --out DIR: writes a synthetic whole-body study with known lesions.
#include "pipelines/phantom/phantom.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "daemon/cli/command.h"
#include "daemon/cli/help.h"
#include "daemon/cli/print.h"

namespace osteon::cli {
namespace {

struct PhantomArguments {
  PhantomOptions options;
  std::string series = "stir";
  bool json = false;
};

void Print(const PhantomTruth& truth, const PhantomArguments& arguments) {
  if (arguments.json) {
    const nlohmann::ordered_json json = {{"out", arguments.options.out.string()},
                                         {"study_instance_uid", truth.study_instance_uid},
                                         {"files", truth.instances},
                                         {"series", truth.series},
                                         {"lesions", truth.lesions.size()},
                                         {"variants", truth.variants}};
    std::puts(json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
    return;
  }
  std::printf(
      "%s: %d files in %d series, %zu lesions, %d normal variants; truth.json and truth.npz next "
      "to them\n",
      arguments.options.out.string().c_str(), truth.instances, truth.series, truth.lesions.size(),
      truth.variants);
}

int RunPhantom(PhantomArguments arguments) {
  Result<std::vector<PhantomSeries>> series = ParsePhantomSeries(arguments.series);
  if (!series) return Complain(series.error().message(), kUsage);
  arguments.options.series = *series;
  ProgressLine progress;
  RunContext run([&](std::string_view stage, double fraction) { progress.Show(stage, fraction); });
  const Result<PhantomTruth> truth = WritePhantom(arguments.options, run);
  progress.Clear();
  if (!truth) {
    const bool input = truth.error().code() == ErrorCode::kInvalidInput;
    return Complain(truth.error().message(), input ? kUsage : kFailed);
  }
  Print(*truth, arguments);
  return kDone;
}

void AddBodyOptions(CLI::App& command, PhantomOptions& options) {
  command.add_option("--seed", options.seed, "Random seed of body, pose, lesions and noise")
      ->capture_default_str();
  command.add_option("--lesions", options.lesions,
                     "Number of lesions, 0 to 40; without it 3 to 12 are drawn");
  command.add_flag("--child", options.child,
                   "A body of 6 to 15 years: growth plates, red marrow, normal variants");
  command.add_option("--age", options.age_years, "Age in years in 2026, 3 to 80");
  command.add_option("--height", options.height_mm, "Height in mm, 900 to 2000; without it by age");
  command.add_flag("--variants", options.healthy_variants,
                   "Add normal variants that look like lesions, also in an adult");
  const std::map<std::string, PhantomCourse> courses = {
      {"baseline", PhantomCourse::kBaseline}, {"grow", PhantomCourse::kGrow},
      {"shrink", PhantomCourse::kShrink},     {"resolve", PhantomCourse::kResolve},
      {"mixed", PhantomCourse::kMixed},       {"unchanged", PhantomCourse::kUnchanged}};
  command
      .add_option("--course", options.course,
                  "The same patient (same seed) at a later time: how the lesions changed")
      ->transform(OneOf(courses));
  command.add_option("--patient-id", options.patient_id, "Without it derived from the seed");
  command.add_option("--patient-name", options.patient_name, "Without it derived from the seed");
  command.add_option("--study-date", options.study_date, "YYYYMMDD")->capture_default_str();
}

void AddScannerOptions(CLI::App& command, PhantomArguments& arguments) {
  PhantomOptions& options = arguments.options;
  command.add_option("--series", arguments.series, "Any of stir,t1,dwi")->capture_default_str();
  command.add_flag("--stations", options.stations,
                   "One series per table position instead of one composed series");
  const std::map<std::string, PhantomVendor> vendors = {{"siemens", PhantomVendor::kSiemens},
                                                        {"ge", PhantomVendor::kGe},
                                                        {"philips", PhantomVendor::kPhilips}};
  command.add_option("--vendor", options.vendor, "Scanner vendor that the files name")
      ->transform(OneOf(vendors));
  command.add_option("--tesla", options.tesla, "1.5 or 3")->capture_default_str();
  command.add_option("--in-plane", options.in_plane_mm, "Pixel spacing in mm")
      ->capture_default_str();
  command.add_option("--slice", options.slice_mm, "Slice thickness in mm")->capture_default_str();
  command.add_option("--gap", options.gap_mm, "Gap between slices in mm")->capture_default_str();
  command.add_option("--snr", options.muscle_snr, "Signal of muscle over noise")
      ->capture_default_str();
  command
      .add_option("--fat-failure", options.fat_failure,
                  "Share of the fat signal that is not suppressed at the worst places")
      ->capture_default_str();
}

}  // namespace

void AddPhantom(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("phantom", "Write a synthetic whole-body study with known lesions");
  const auto arguments = std::make_shared<PhantomArguments>();
  command->add_option("--out", arguments->options.out, "Folder to write to")->required();
  AddBodyOptions(*command, arguments->options);
  AddScannerOptions(*command, *arguments);
  command->add_flag("--json", arguments->json, "Print what was written as JSON");
  command->callback(
      [arguments, &action] { action = [arguments] { return RunPhantom(*arguments); }; });
}

}  // namespace osteon::cli
