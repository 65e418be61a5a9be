// SPDX-License-Identifier: GPL-3.0-or-later
// Orthanc's JSON, read without exceptions. Private to this folder.
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "pipelines/base/result.h"

namespace osteon::plugin {

// Errors: kUnavailable, since Orthanc's own answers are only broken when it is in trouble.
Result<nlohmann::json> ParseAnswer(std::string_view text, std::string_view uri);

// GET `uri`; nothing when Orthanc has no such resource.
Result<std::optional<nlohmann::json>> GetJson(Archive& archive, const std::string& uri);

// The string at object[key], trimmed; empty when it is not there or no string.
std::string Text(const nlohmann::json& object, const char* key);
// object[key], or an empty object.
const nlohmann::json& Child(const nlohmann::json& object, const char* key);

// The numbers of a DICOM value of multiplicity n ("1\0\0"); nothing when one is not finite or they
// are not n.
std::optional<std::vector<double>> Numbers(std::string_view text);
std::optional<double> Number(std::string_view text);
// Without blanks and NULs at its ends.
std::string_view Trimmed(std::string_view text);

}  // namespace osteon::plugin
