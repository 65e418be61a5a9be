// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/why_json.h"

#include <nlohmann/json.hpp>

namespace osteon::plugin {

std::string WhyJson(const Phrases& why) {
  using Json = nlohmann::ordered_json;
  Json json = Json::array();
  for (const Phrase& phrase : why)
    json.push_back({{"code", phrase.code}, {"text", phrase.text}, {"values", phrase.values}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace osteon::plugin
