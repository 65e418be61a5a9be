// SPDX-License-Identifier: GPL-3.0-or-later
// The four symbols Orthanc looks for.
#include <cstdint>

#include "orthanc-plugin/lifecycle.h"
#include "pipelines/base/version.h"

#define OSTEON_EXPORT __attribute__((visibility("default")))

extern "C" {

OSTEON_EXPORT std::int32_t OrthancPluginInitialize(OrthancPluginContext* context) {
  return osteon::plugin::Initialize(context);
}

OSTEON_EXPORT void OrthancPluginFinalize() { osteon::plugin::Finalize(); }

OSTEON_EXPORT const char* OrthancPluginGetName() { return "osteon"; }

// kVersion is a literal, so it ends with a zero.
OSTEON_EXPORT const char* OrthancPluginGetVersion() { return osteon::kVersion.data(); }

}  // extern "C"
