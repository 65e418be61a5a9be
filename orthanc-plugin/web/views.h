// SPDX-License-Identifier: GPL-3.0-or-later
// The GET routes: JSON for people and programs (README.md lists the members). No patient data but
// UIDs.
#pragma once

#include <string>
#include <vector>

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

// GET /osteon/digest?since=   The morning digest: of the last 24 hours, or since a time as
// ParseMoment reads it.
HttpReply DigestView(const WebContext& context, const HttpRequest& request);

// What is wrong now, in words for an administrator.
std::vector<std::string> TroubleOf(const WebContext& context);

}  // namespace osteon::plugin
