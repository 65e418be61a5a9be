// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/rules/rules_file.h"

#include <nlohmann/json.hpp>

#include "pipelines/base/digest.h"
#include "pipelines/rules/object_reader.h"
#include "selection_rules_json.h"

namespace osteon {
namespace {

using Json = nlohmann::json;

Status ReadWords(const Json& json, SelectionRules& rules) {
  ContrastRules& c = rules.contrast;
  ObjectReader reader(json, "selection rules, 'Words'");
  reader.Read("LeaveOut", c.leave_out_words);
  reader.Read("Stir", c.stir_words);
  reader.Read("Flair", c.flair_words);
  reader.Read("Dixon", c.dixon_words);
  reader.Read("DixonWater", c.water_words);
  reader.Read("DixonOther", c.other_part_words);
  reader.Read("T1", c.t1_words);
  reader.Read("Contrast", c.post_contrast_words);
  reader.Read("WithoutContrast", c.without_words);
  reader.Read("FatSaturated", c.fat_saturated_words);
  reader.Read("Diffusion", c.diffusion_words);
  reader.Read("Adc", c.adc_words);
  reader.Read("ExponentialAdc", c.exponential_words);
  reader.Read("Localiser", c.localiser_words);
  reader.Read("Composed", rules.choose.composed_words);
  return reader.Finish();
}

Status ReadTimes(const Json& json, SelectionRules& rules) {
  ContrastRules& c = rules.contrast;
  ObjectReader reader(json, "selection rules, 'TimesMs'");
  Range stir_ti{c.stir_min_ti_ms, c.stir_max_ti_ms};
  Range t1_tr{c.t1_min_tr_ms, c.t1_max_tr_ms};
  reader.Read("StirInversionTime", stir_ti, {20, 1000});
  reader.Read("StirMinEchoTime", c.stir_min_te_ms, {1, 500});
  reader.Read("StirMinRepetitionTime", c.stir_min_tr_ms, {300, 10'000});
  reader.Read("DixonMinEchoTime", c.dixon_t2_min_te_ms, {10, 500});
  reader.Read("DixonMinRepetitionTime", c.dixon_t2_min_tr_ms, {300, 10'000});
  reader.Read("T1RepetitionTime", t1_tr, {50, 3000});
  reader.Read("T1MaxEchoTime", c.t1_max_te_ms, {1, 100});
  reader.Read("T1MaxGradientRepetitionTime", c.t1_gre_max_tr_ms, {1, 500});
  c.stir_min_ti_ms = stir_ti[0], c.stir_max_ti_ms = stir_ti[1];
  c.t1_min_tr_ms = t1_tr[0], c.t1_max_tr_ms = t1_tr[1];
  return reader.Finish();
}

Status ReadWholeBody(const Json& json, ChooseOptions& choose) {
  ObjectReader reader(json, "selection rules, 'WholeBody'");
  std::int64_t stations = static_cast<std::int64_t>(choose.min_stations);
  reader.Read("MinExtentMm", choose.min_coverage_mm, {100, 2500});
  reader.Read("MinShareOfHeight", choose.min_coverage_of_height, {0.1, 1});
  reader.ReadWhole("MinStations", stations, 1, 20);
  reader.Read("MinWidthMm", choose.min_width_mm, {0, 1000});
  reader.Read("MinExtentForcedMm", choose.min_coverage_incomplete_mm, {0, 2500});
  reader.Read("MinStationMm", choose.min_station_mm, {0, 1000});
  choose.min_stations = static_cast<std::size_t>(stations);
  return reader.Finish();
}

Status ReadRules(const Json& json, SelectionRules& rules) {
  ObjectReader reader(json, "selection rules");
  const Json* words = reader.Object("Words");
  const Json* times = reader.Object("TimesMs");
  const Json* whole_body = reader.Object("WholeBody");
  if (Status finished = reader.Finish(); !finished) return finished;
  if (words) {
    if (Status read = ReadWords(*words, rules); !read) return read;
  }
  if (times) {
    if (Status read = ReadTimes(*times, rules); !read) return read;
  }
  if (whole_body) return ReadWholeBody(*whole_body, rules.choose);
  return {};
}

}  // namespace

Result<SiteRules> ParseRules(std::string_view text) {
  if (text.empty()) return DefaultRules();
  if (text.size() > kMaxRulesBytes)
    return InvalidInput("the selection rules are longer than 64 KiB");
  const Json json =
      Json::parse(text, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
  if (!json.is_object()) return InvalidInput("the selection rules are not a JSON object");
  SiteRules site;
  if (Status read = ReadRules(json, site.rules); !read) return std::move(read).error();
  site.json = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  site.hash = Sha256Hex(site.json);
  return site;
}

SiteRules DefaultRules() {
  auto site = ParseRules(kSelectionRulesJson);
  Check(site.ok(), "the compiled-in selection rules parse");
  site->json.clear();
  return *std::move(site);
}

}  // namespace osteon
