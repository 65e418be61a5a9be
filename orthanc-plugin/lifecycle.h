// SPDX-License-Identifier: GPL-3.0-or-later
// Start and end of the plugin, called by plugin.cc.
#pragma once

// Orthanc's, from its SDK. NOLINTNEXTLINE(bugprone-reserved-identifier): its name is Orthanc's.
typedef struct _OrthancPluginContext_t OrthancPluginContext;

namespace osteon::plugin {

// Reads the configuration, opens the ledger, registers with Orthanc. Returns 0, or -1 when Orthanc
// must not start; the log says why.
int Initialize(OrthancPluginContext* context) noexcept;
// Ends all threads; nothing of Orthanc is called afterwards.
void Finalize() noexcept;

}  // namespace osteon::plugin
