// SPDX-License-Identifier: GPL-3.0-or-later
// Compares the bones that two parties name.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/dicom/seg/seg_reader.h"

namespace osteon {

// A path from the wide to the narrow: "leg/tibia", "spine/thoracic", "pelvis". Empty when nothing
// is recognised. By SNOMED CT code when it is one of config/bones_and_cutoffs.json, else by the
// words of the English meaning ("Structure of shaft of left tibia").
std::string SitePath(const CodeText& region);

// True when one path is the other or contains it: "leg" and "leg/tibia" agree, "leg/fibula" and
// "leg/tibia" do not. False when either is empty.
bool SameSite(std::string_view a, std::string_view b);

}  // namespace osteon
