// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace osteon {

// Of the program; goes into reports, the wire greeting and `--version`. Kept equal to project(VERSION) by a test.
inline constexpr std::string_view kVersion = "0.1.0";
inline constexpr std::string_view kManufacturer = "Osteon project";
inline constexpr std::string_view kProductName = "Osteon";
// DICOM Implementation Class UID (PS3.7 D.3.3.2) of objects we write; derived as DeriveUid("osteon", "implementation").
inline constexpr std::string_view kImplementationVersionName = "OSTEON_0_1";

}  // namespace osteon
