// SPDX-License-Identifier: GPL-3.0-or-later
// The POST routes: what an operator may do. Each is in the job's history under the operator's name.
#pragma once

#include <optional>
#include <string_view>

#include "orthanc-plugin/web/context.h"
#include "orthanc-plugin/web/http.h"

namespace osteon::plugin {

enum class JobAction { kRunNow, kRetry, kSkip, kCancel };
std::optional<JobAction> JobActionFromName(std::string_view name);

// POST /osteon/jobs/{id}/run-now (before all others), retry, skip or cancel. Body: nothing, or
// {"Reason": "..."}. 409 when the job's state does not allow it.
HttpReply ActOnJob(const WebContext& context, const HttpRequest& request, JobId id,
                   JobAction action);
// The same, done. `before`: the job as it is; its newest for kRetry. Errors: kCancelled when its
// state does not allow it.
Status ActOn(const WebContext& context, const Job& before, JobAction action,
             const std::string& actor, const std::string& reason);
// POST /osteon/jobs/{id}/resend   Copies that failed are tried again: {"resent": n}.
HttpReply ResendCopies(const WebContext& context, JobId id);
// POST /osteon/pause, drain, resume. Body: nothing, or {"Reason": "..."}. Answers the status.
HttpReply ChangeHold(const WebContext& context, const HttpRequest& request, HoldKind kind);
std::optional<HoldKind> HoldFromAction(std::string_view name);
// POST /osteon/selftest   How an `osteon selftest` ended, kept for the page: {"Passed": true,
// "Reason":
// "", "Found": 4, "Of": 4, "Seconds": 95, "Silent": false}. Answers the status.
HttpReply KeepSelftest(const WebContext& context, const HttpRequest& request);
// POST /osteon/selftest/start   Begins one (selftest/selftest.h). Answers the status; 409 while one
// runs.
HttpReply StartSelftest(const WebContext& context, const HttpRequest& request);
// POST /osteon/backfill   {"From": "20260101", "To": "20260131", "Reanalyse": false, "DryRun":
// false}, all optional.
HttpReply StartBackfill(const WebContext& context, const HttpRequest& request);

}  // namespace osteon::plugin
