// SPDX-License-Identifier: GPL-3.0-or-later
// A digest as text for people (mail, terminal) and as JSON for programs (REST, webhook, page).
#pragma once

#include <string>

#include "orthanc-plugin/digest/digest.h"

namespace osteon::plugin {

// Lines of at most 100 characters where reasons allow, in this machine's local time, which it
// names. UTF-8, "\n" behind each line.
std::string DigestText(const MorningDigest& digest, UnixMs now_ms);

// One line: "Osteon: 2 need you; 47 done, 1 not evaluable, 1 stuck, 3 skipped".
std::string DigestHeadline(const MorningDigest& digest);

// README.md of orthanc-plugin/web lists the members; "text" is DigestText.
std::string DigestJson(const MorningDigest& digest, UnixMs now_ms);

}  // namespace osteon::plugin
