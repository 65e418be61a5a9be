// SPDX-License-Identifier: GPL-3.0-or-later
// The files of the page, which are in the plugin. What Orthanc serves is what was built.
#pragma once

#include <string>
#include <string_view>

#include "orthanc-plugin/web/http.h"

namespace osteon::plugin {

// A file of the page ("app.js"); empty: the page itself. 404 for any other name.
HttpReply PageFile(const std::string& file);

// For Orthanc Explorer: buttons that lead to the page.
std::string_view ExplorerScript();

}  // namespace osteon::plugin
