// SPDX-License-Identifier: GPL-3.0-or-later
// Waits for messages, children, signals and time, and passes each to the Worker. One thread does
// all of it, so no data is shared; nothing in it takes long, since analysis runs in children and
// heartbeats in libzmq.
#pragma once

#include "daemon/worker/config.h"
#include "daemon/worker/connection.h"
#include "daemon/worker/live_settings.h"
#include "daemon/worker/worker.h"
#include "daemon/worker/worker_metrics.h"
#include "pipelines/base/result.h"

namespace osteon {

// Key files and endpoint of the configuration. Errors: those of the key files; kInvalidInput when
// the server's file holds no key.
Result<ConnectionOptions> ConnectionOptionsOf(const WorkerConfig& config);

// Blocks SIGTERM and SIGINT for this thread and those it starts, and returns a descriptor that
// reads them. To be called before any other thread exists.
Result<Fd> WatchSignals();

// Runs until the worker is finished: SIGTERM or SIGINT drains, a second one drains without waiting.
// Settings that change meanwhile are passed on. `metrics` may be nullptr.
void RunLoop(Worker& worker, Connection& connection, LiveSettings& live, MetricsServer* metrics,
             int signal_fd, const Clock& clock);

}  // namespace osteon
