// SPDX-License-Identifier: GPL-3.0-or-later
// A plugin for Orthanc that loads Osteon's (OSTEON_TIMED_PLUGIN) and measures its change callback:
// Orthanc gets a callback that calls Osteon's and notes how long it took. At the end the times,
// in nanoseconds, one a line, are written to OSTEON_TIMED_OUT.
#include <dlfcn.h>
#include <orthanc/OrthancCPlugin.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <vector>

#define OSTEON_EXPORT __attribute__((visibility("default")))

namespace {

OrthancPluginContext* g_real = nullptr;
OrthancPluginContext g_shown;  // What Osteon's plugin gets: the real one with our InvokeService.
OrthancPluginOnChangeCallback g_callback = nullptr;
void* g_library = nullptr;
std::mutex g_mutex;
std::vector<std::int64_t> g_took_ns;

OrthancPluginErrorCode OnChange(OrthancPluginChangeType change, OrthancPluginResourceType resource,
                                const char* id) {
  const auto start = std::chrono::steady_clock::now();
  const OrthancPluginErrorCode code = g_callback(change, resource, id);
  const auto took = std::chrono::steady_clock::now() - start;
  // At its start the plugin starts its threads, and stops them at the end: not while images come.
  if (change == OrthancPluginChangeType_OrthancStarted ||
      change == OrthancPluginChangeType_OrthancStopped)
    return code;
  const std::lock_guard lock(g_mutex);
  g_took_ns.push_back(std::chrono::duration_cast<std::chrono::nanoseconds>(took).count());
  return code;
}

OrthancPluginErrorCode Invoke(OrthancPluginContext*, _OrthancPluginService service,
                              const void* params) {
  if (service != _OrthancPluginService_RegisterOnChangeCallback)
    return g_real->InvokeService(g_real, service, params);
  g_callback = static_cast<const _OrthancPluginOnChangeCallback*>(params)->callback;
  const _OrthancPluginOnChangeCallback ours = {OnChange};
  return g_real->InvokeService(g_real, service, &ours);
}

template <typename F>
F Symbol(const char* name) {
  return reinterpret_cast<F>(dlsym(g_library, name));
}

}  // namespace

extern "C" {

OSTEON_EXPORT std::int32_t OrthancPluginInitialize(OrthancPluginContext* context) {
  g_real = context;
  g_shown = *context;
  g_shown.InvokeService = Invoke;
  const char* path = std::getenv("OSTEON_TIMED_PLUGIN");
  g_library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
  const auto initialize =
      g_library ? Symbol<std::int32_t (*)(OrthancPluginContext*)>("OrthancPluginInitialize")
                : nullptr;
  return initialize ? initialize(&g_shown) : -1;
}

OSTEON_EXPORT void OrthancPluginFinalize() {
  Symbol<void (*)()>("OrthancPluginFinalize")();
  const char* path = std::getenv("OSTEON_TIMED_OUT");
  std::FILE* out = path ? std::fopen(path, "w") : nullptr;
  if (!out) return;
  const std::lock_guard lock(g_mutex);
  for (const std::int64_t took : g_took_ns)
    std::fprintf(out, "%lld\n", static_cast<long long>(took));
  std::fclose(out);
}

OSTEON_EXPORT const char* OrthancPluginGetName() { return "osteon"; }
OSTEON_EXPORT const char* OrthancPluginGetVersion() { return "timed"; }

}  // extern "C"
