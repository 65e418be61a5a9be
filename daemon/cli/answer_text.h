// SPDX-License-Identifier: GPL-3.0-or-later
// The plugin's answers for people. What it names in them is said in plain words; a name that is not
// known, as a newer plugin or worker may send, is said without its underscores.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace osteon::cli {

std::string WithoutUnderscores(std::string name);
// "retry_wait": "to be tried again".
std::string StateWords(const std::string& state);
// What an analysis does at the stage. "detect": "finding lesions".
std::string StageWords(const std::string& stage);
// "operator ann": "ann"; without a login "a person"; "dispatch": "the plugin".
std::string ActorWords(const std::string& actor);
// "paused since 2026-11-22 21:04 (UTC) by ann: the network is moved".
std::string HoldWords(const nlohmann::ordered_json& hold);

// "2026-11-22T21:04:05Z" as "2026-11-22 21:04".
std::string ShortTime(std::string time);

// What an analysis of the job does now, "finding lesions, 43 %"; empty when none runs.
std::string ProgressOf(const nlohmann::ordered_json& job);

// How a job stands and what came of it, then its steps as a table, the latest last. `job` is an
// answer of /osteon/jobs/{id}.
std::string JobText(const nlohmann::ordered_json& job);

// What a person wants to know of an answer of /osteon/status, a fact a line. Counters and hashes
// for those who look for a defect are left to --json.
std::string StatusText(const nlohmann::ordered_json& status);

}  // namespace osteon::cli
