// SPDX-License-Identifier: GPL-3.0-or-later
// Content items that groups of all kinds share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipelines/dicom/sr/sr_groups.h"
#include "pipelines/dicom/sr/sr_item.h"

namespace osteon {

void Append(std::vector<SrItem>& to, std::vector<SrItem> items);

// TID 4019. The hash of pipeline, models and configuration is in Software Versions (0018,1020).
std::vector<SrItem> Algorithm(const ReportOptions& options);

// TID 4108.
std::vector<SrItem> Tracking(const std::string& id, const std::string& uid);

// Appends to Further values, "key=value;key=value": one TEXT item per group, since single items
// would make the report too long in viewers that show each. Keys and values as in findings.json.
void AddValue(std::string_view key, std::string_view value, std::string& values);
void AddValues(std::string values, SrItem& group);

// Site with laterality and part of the bone.
SrItem FindingSite(const Lesion& lesion);

}  // namespace osteon
