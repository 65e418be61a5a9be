// SPDX-License-Identifier: GPL-3.0-or-later
// The GET routes: JSON for people and programs (README.md lists the members). No patient data but
// UIDs.
#pragma once

#include "orthanc-plugin/web/context.h"
#include "orthanc-plugin/web/http.h"

namespace osteon::plugin {

// GET /osteon/status
HttpReply StatusView(const WebContext& context);
// GET /osteon/jobs?state=&study=&before=&limit=   The newest `limit` (100), oldest of them first.
HttpReply JobsView(const WebContext& context, const HttpRequest& request);
// GET /osteon/jobs/{id}   With its history and results.
HttpReply JobView(const WebContext& context, JobId id);
// GET /osteon/explain/{study}   StudyInstanceUID or Orthanc id.
HttpReply ExplainView(const WebContext& context, const std::string& study);

// "2026-11-22T23:58:00Z"; empty for 0.
std::string IsoTime(UnixMs at_ms);

}  // namespace osteon::plugin
