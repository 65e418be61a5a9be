// SPDX-License-Identifier: GPL-3.0-or-later
// Statements and values as PostgreSQL wants them. Private to this folder; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "orthanc-plugin/ledger/sql.h"

namespace osteon::plugin {

// "?1" becomes "$1"; "?" the next number.
std::string Numbered(std::string_view sql);

// As text; nothing for NULL. PostgreSQL takes neither NUL characters nor broken UTF-8, and a reason
// that holds such must not keep a job from being ended: they become "?".
std::optional<std::string> Written(const Cell& cell);

}  // namespace osteon::plugin
