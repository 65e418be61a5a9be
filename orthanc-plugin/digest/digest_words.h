// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a digest as English text for people (mail, terminal) and as JSON for programs (REST,
// webhook, page).
#pragma once

#include <string>

#include "orthanc-plugin/digest/morning_digest.h"

namespace osteon::plugin {

// Lines of at most 100 characters (longer where a reason is), each with "\n" at its end; UTF-8.
// Times are this machine's local time, and the first line names the offset from UTC. A list of more
// than 50 rows is cut, with the number of the others and the command that lists them.
std::string DigestText(const MorningDigest& digest, UnixMs now_ms);

// One line: "Osteon: 2 need you; 47 done, 1 not evaluable, 1 stuck, 3 skipped".
std::string DigestHeadline(const MorningDigest& digest);

// orthanc-plugin/web/README.md lists the members. "text" is DigestText.
std::string DigestJson(const MorningDigest& digest, UnixMs now_ms);

}  // namespace osteon::plugin
