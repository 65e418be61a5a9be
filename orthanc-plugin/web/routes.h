// SPDX-License-Identifier: GPL-3.0-or-later
// All routes below /osteon/. Orthanc has checked the user before (its RegisteredUsers or
// authorization plugin).
#pragma once

#include "orthanc-plugin/web/context.h"
#include "orthanc-plugin/web/http.h"

namespace osteon::plugin {

// Any thread.
HttpReply Answer(const WebContext& context, const HttpRequest& request);

}  // namespace osteon::plugin
