// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/archive/json.h"

#include <charconv>
#include <cmath>

namespace osteon::plugin {
std::string_view Trimmed(std::string_view text) {
  const std::string_view blank(" \t\r\n\0", 5);
  const auto begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

Result<nlohmann::json> ParseAnswer(std::string_view text, std::string_view uri) {
  nlohmann::json parsed = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded())
    return Unavailable("Orthanc's answer to " + std::string(uri) + " is not JSON");
  return parsed;
}

Result<std::optional<nlohmann::json>> GetJson(Archive& archive, const std::string& uri) {
  auto body = archive.Get(uri);
  if (!body) return std::move(body).error();
  if (!body->has_value()) return std::optional<nlohmann::json>();
  auto parsed = ParseAnswer(**body, uri);
  if (!parsed) return std::move(parsed).error();
  return std::optional<nlohmann::json>(*std::move(parsed));
}

std::string Text(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  return std::string(Trimmed(found->get_ref<const std::string&>()));
}

const nlohmann::json& Child(const nlohmann::json& object, const char* key) {
  static const nlohmann::json empty = nlohmann::json::object();
  if (!object.is_object()) return empty;
  const auto found = object.find(key);
  return found == object.end() ? empty : *found;
}

std::optional<double> Number(std::string_view text) {
  text = Trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<std::vector<double>> Numbers(std::string_view text) {
  std::vector<double> values;
  while (true) {
    const auto bar = text.find('\\');
    const auto value = Number(text.substr(0, bar));
    if (!value) return std::nullopt;
    values.push_back(*value);
    if (bar == std::string_view::npos) return values;
    text.remove_prefix(bar + 1);
  }
}

}  // namespace osteon::plugin
