// SPDX-License-Identifier: GPL-3.0-or-later
// Content items that groups of all kinds have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipelines/dicom/sr/sr_groups.h"
#include "pipelines/dicom/sr/sr_item.h"

namespace osteon {

void Append(std::vector<SrItem>& to, std::vector<SrItem> items);

// TID 4019.
std::vector<SrItem> Algorithm(const ReportOptions& options);

// TID 4108 and TID 1502.
std::vector<SrItem> Tracking(const SrContext& c, const std::string& id, const std::string& uid);

// A word of a closed set (findings.json uses the same words), named by a Short Label.
SrItem Word(std::string_view key, std::string_view value);

// A number that a judgement was made from.
SrItem Reason(std::string_view key, double value);

// Site with laterality and part of the bone.
SrItem FindingSite(const BoneUnit& unit);

}  // namespace osteon
