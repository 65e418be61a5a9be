// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/pipeline_config.h"

#include <fmt/core.h>

#include <fstream>
#include <iterator>

#include "pipelines/settings/toml_table.h"

namespace osteon {
namespace {

constexpr std::pair<std::string_view, Language> kLanguages[] = {{"en", Language::kEnglish},
                                                                {"de", Language::kGerman}};
constexpr std::pair<std::string_view, SrClass> kSrClasses[] = {
    {"comprehensive3d", SrClass::kComprehensive3d},
    {"comprehensive", SrClass::kComprehensive},
    {"enhanced", SrClass::kEnhanced}};

constexpr std::pair<std::string_view, InferenceMethod> kInference[] = {
    {"auto", InferenceMethod::kAuto},
    {"opencv", InferenceMethod::kOpenCv},
    {"onednn-bfloat16", InferenceMethod::kOneDnnBfloat16}};

std::string_view Name(InferenceMethod method) {
  for (const auto& [name, value] : kInference)
    if (value == method) return name;
  return "";
}

void ReadReport(TomlTable& table, ReportOptions& report) {
  table.Choice("language", kLanguages, report.language);
  table.Choice("sr_class", kSrClasses, report.sr_class);
  table.Flag("write_seg", report.write_seg);
  table.Flag("write_pictures", report.write_pictures);
  table.Flag("write_pdf", report.write_pdf);
  table.Flag("name_on_pages", report.name_on_pages);
  table.Integer("max_key_images", report.max_key_images, 0, 99);
}

void ReadRules(TomlTable& table, PipelineConfig& config) {
  for (const char* moved : {"min_coverage_mm", "min_coverage_of_height", "min_stations"}) {
    table.Refuse(moved, "is a selection rule now: 'WholeBody' in selection_rules.json");
  }
  table.Number("lesion_probability", config.detect.lesion_probability, 0.01, 0.99);
  table.Number("indeterminate_probability", config.detect.indeterminate_probability, 0.01, 0.99);
  table.Number("hand_foot_lesion_probability", config.detect.hand_foot_lesion_probability, 0.01,
               0.99);
  table.Number("min_lesion_ml", config.detect.min_lesion_ml, 0.01, 10);
  table.Choice("inference", kInference, config.skeleton.inference);
}

std::string Number(double value) { return fmt::format("{:.9g}", value); }

// Every key of [pipeline] in a fixed order; README.md says what depends on it.
std::string Canonical(const PipelineConfig& c) {
  const std::pair<std::string_view, std::string> rows[] = {
      {"language", std::string(Name(c.report.language))},
      {"sr_class", std::string(Name(c.report.sr_class))},
      {"write_seg", c.report.write_seg ? "true" : "false"},
      {"write_pictures", c.report.write_pictures ? "true" : "false"},
      {"write_pdf", c.report.write_pdf ? "true" : "false"},
      {"name_on_pages", c.report.name_on_pages ? "true" : "false"},
      {"max_key_images", std::to_string(c.report.max_key_images)},
      {"lesion_probability", Number(c.detect.lesion_probability)},
      {"indeterminate_probability", Number(c.detect.indeterminate_probability)},
      {"hand_foot_lesion_probability", Number(c.detect.hand_foot_lesion_probability)},
      {"min_lesion_ml", Number(c.detect.min_lesion_ml)},
      {"inference", std::string(Name(c.skeleton.inference))},
  };
  std::string text;
  for (const auto& [key, value] : rows) text += std::string(key) + "=" + value + "\n";
  return text;
}

}  // namespace

Result<PipelineConfig> ParsePipelineConfig(std::string_view text) {
  const auto parsed = ParseToml(text);
  if (!parsed) return parsed.error();
  PipelineConfig config;
  TomlTable table(*parsed, "pipeline");
  ReadReport(table, config.report);
  ReadRules(table, config);
  if (Status status = table.Finish(); !status) return std::move(status).error();
  if (config.detect.indeterminate_probability > config.detect.lesion_probability) {
    return InvalidInput(
        "'indeterminate_probability' in [pipeline] must not be above 'lesion_probability'");
  }
  config.canonical = Canonical(config);
  return config;
}

Result<PipelineConfig> LoadPipelineConfig(const std::filesystem::path& file) {
  if (file.empty()) return ParsePipelineConfig("");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Unavailable(file.string() + ": cannot be read");
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  Result<PipelineConfig> config = ParsePipelineConfig(text);
  if (!config) return std::move(config).error().During(file.string());
  return config;
}

}  // namespace osteon
