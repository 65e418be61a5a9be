// SPDX-License-Identifier: GPL-3.0-or-later
// Right after an installation or a restart Orthanc does not answer yet and no worker has connected.
// `doctor` and `selftest` wait for both before they judge.
#pragma once

#include "daemon/cli/orthanc_client.h"

namespace osteon::cli {

inline constexpr int kWaitSeconds = 60;

// Adds --wait.
void AddWaitOption(CLI::App& command, int& seconds);

// Blocks for at most about `seconds`, until the plugin answers and a worker is connected, and says
// on standard error what it waits for. Returns at once where waiting cannot help: after any error
// but kNotReady.
void WaitForWorker(const ServerOptions& server, int seconds);

}  // namespace osteon::cli
