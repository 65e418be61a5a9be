// SPDX-License-Identifier: GPL-3.0-or-later
// Orthanc's answers contain texts and numbers of scanners. With any answers, the study must be read
// and its series judged.
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "orthanc-plugin/archive/study_entry.h"
#include "orthanc-plugin/intake/selection.h"
#include "tests/fuzz/wire_input.h"

namespace osteon::plugin {
namespace {

// Frames of the input: the study, its series, its instances, the header of any instance.
class AnsweringArchive final : public Archive {
 public:
  explicit AnsweringArchive(std::vector<std::string_view> answers) : answers_(std::move(answers)) {}

  Result<std::optional<std::string>> Get(const std::string& uri) override {
    const std::size_t which = uri.ends_with("/series")       ? 1
                              : uri.ends_with("/instances")  ? 2
                              : uri.ends_with("/tags?short") ? 3
                                                             : 0;
    if (which >= answers_.size()) return std::optional<std::string>();
    return std::optional<std::string>(answers_[which]);
  }
  Result<std::string> Post(const std::string&, std::string_view) override {
    return Unavailable("reads only");
  }
  Status Delete(const std::string&) override { return Unavailable("reads only"); }
  Result<std::string> ParseDicom(std::string_view) override { return Unavailable("reads only"); }

 private:
  std::vector<std::string_view> answers_;
};

}  // namespace
}  // namespace osteon::plugin

namespace osteon {
namespace {

int TryInput(const std::uint8_t* data, std::size_t size) {
  static const SelectionRules rules = DefaultRules().rules;
  plugin::AnsweringArchive archive(SplitFrames(data, size));
  const auto study = plugin::ReadStudy(archive, "study");
  if (!study || !study->has_value()) return 0;
  const plugin::Selection selection = plugin::Select(**study, rules);
  Check(selection.series.size() == (*study)->series.size(), "each series has a verdict");
  Check(std::isfinite(selection.choice.coverage_mm) && selection.choice.coverage_mm >= 0,
        "an extent is a length");
  for (const plugin::SeriesVerdict& verdict : selection.series) {
    Check(!verdict.reason.empty(), "a verdict has a reason");
  }
  return 0;
}

}  // namespace
}  // namespace osteon

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return osteon::TryInput(data, size);
}
