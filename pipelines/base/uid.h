// SPDX-License-Identifier: GPL-3.0-or-later
// DICOM UIDs that are derived, not random: the same fingerprint and role give the same UID, so a
// job that is repeated after a crash writes the same objects (design note in README.md).
#pragma once

#include <string>
#include <string_view>

namespace osteon {

// "2.25." + a 128-bit number in decimal, from the first 16 bytes of SHA-256(seed, '\0', role), with
// the version and variant bits of an RFC 4122 name-based UUID set (DICOM PS3.5 B.2). At most 44
// characters. Example: DeriveUid(job_fingerprint, "sr").
std::string DeriveUid(std::string_view seed, std::string_view role);

// True for a UID as DICOM PS3.5 section 9.1 writes it: digits and dots, 1 to 64 characters, no
// empty component, no leading zero in a component.
bool IsUid(std::string_view text);

}  // namespace osteon
