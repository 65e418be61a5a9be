// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/followup/comparability.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/model/cutoffs.h"
#include "pipelines/model/decimal.h"

namespace osteon {
namespace {

constexpr std::size_t kShownOfHash = 12;  // As on the pages (report/pages/page_parts.cc).

bool Differ(std::optional<double> now, std::optional<double> then, double share) {
  return now && then && *then > 0 && std::abs(*now - *then) > share * *then;
}

Caveat Then(std::string_view code, const std::string& what, const std::string& then,
            const std::string& now, const std::string& unit, const std::string& so) {
  return {std::string(code),
          what + then + unit + " before, " + now + unit + " now: " + so,
          {then, now}};
}

}  // namespace

Comparability CompareTechniques(const Technique& now, const Technique& then) {
  Comparability result;
  const bool known = now.contrast != Contrast::kOther && then.contrast != Contrast::kOther;
  if (known && now.contrast != then.contrast) {
    result.lesions = result.signal = false;
    result.caveats.push_back(Then("prior_other_sequence", "", std::string(Name(then.contrast)),
                                  std::string(Name(now.contrast)), "",
                                  "lesions were counted, not compared."));
  }
  if (Differ(now.echo_time_ms, then.echo_time_ms, cutoffs::kEchoTimeShare)) {
    result.signal = false;
    result.caveats.push_back(Then("prior_other_echo_time", "Echo time ",
                                  DecimalText(*then.echo_time_ms), DecimalText(*now.echo_time_ms),
                                  " ms", "signal of lesions not compared."));
  }
  if (Differ(now.field_strength_t, then.field_strength_t, cutoffs::kFieldShare)) {
    result.caveats.push_back(
        Then("prior_other_field", "Field strength ", DecimalText(*then.field_strength_t),
             DecimalText(*now.field_strength_t), " T", "faint lesions may differ in volume."));
  }
  const auto step = [](const Technique& t) {
    return t.spacing_mm.z > 0 ? std::optional(t.spacing_mm.z) : std::nullopt;
  };
  if (Differ(step(now), step(then), cutoffs::kSliceShare)) {
    result.caveats.push_back(Then("prior_other_slices", "Slices every ",
                                  DecimalText(then.spacing_mm.z), DecimalText(now.spacing_mm.z),
                                  " mm", "small lesions may differ in volume."));
  }
  return result;
}

std::optional<Caveat> CompareMakers(const PipelineIdentity& now, const PipelineIdentity& then) {
  if (then.hash.empty() || now.hash == then.hash) return std::nullopt;
  const auto maker = [](const PipelineIdentity& p) {
    return p.version + " (" + p.hash.substr(0, kShownOfHash) + ")";
  };
  return Then("prior_other_pipeline", "Osteon version (settings and networks) ", maker(then),
              maker(now), "", "volumes and grades may differ for that reason.");
}

}  // namespace osteon
