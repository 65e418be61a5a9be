// SPDX-License-Identifier: GPL-3.0-or-later
// Reasons with codes as JSON, for the ledger, REST and the page.
#pragma once

#include <string>

#include "pipelines/base/phrase.h"

namespace osteon::plugin {

// [{"code": "not_mri", "text": "not an MRI study: it has only CT", "values": ["CT"]}]
std::string WhyJson(const Phrases& why);

}  // namespace osteon::plugin
