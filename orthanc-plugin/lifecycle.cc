// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/lifecycle.h"

#include <exception>
#include <memory>

#include "orthanc-plugin/orthanc.h"
#include "orthanc-plugin/service.h"
#include "orthanc-plugin/settings.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/foreign_text.h"
#include "pipelines/base/log.h"
#include "pipelines/base/version.h"

namespace osteon::plugin {
namespace {

// One in a process, between Initialize and Finalize.
struct Running {
  explicit Running(OrthancPluginContext* context) : archive(context) {}

  OrthancArchive archive;
  SystemClock clock;
  std::unique_ptr<Service> service;
};
std::unique_ptr<Running> g_running;

int Start(OrthancPluginContext* context) {
  auto settings = ParseSettings(Configuration(context), ConfigurationFolder(context));
  if (!settings) {
    LogError(settings.error().message());
    return -1;
  }
  if (!settings->enabled) {
    LogWarning(
        "not enabled: there is no section \"Osteon\" in the configuration, or it says \"Enabled\": "
        "false");
    return 0;
  }
  g_running = std::make_unique<Running>(context);
  auto service = Service::Open(*std::move(settings), g_running->archive, g_running->clock);
  if (!service) {
    LogError(service.error().message());
    g_running.reset();
    return -1;
  }
  g_running->service = *std::move(service);
  Service* const running = g_running->service.get();
  Register(context,
           {[running] { running->Start(); }, [running] { running->Stop(); },
            [running] { running->Changed(); },
            [running](std::string study_id) { running->StudyDeleted(std::move(study_id)); },
            [running](const HttpRequest& request) { return running->Http(request); },
            [running] { return running->GetMetrics(); }});
  LogWarning("version " + std::string(kVersion) + " is loaded; see /osteon/app/");
  return 0;
}

}  // namespace

int Initialize(OrthancPluginContext* context) noexcept {
  try {
    if (!CheckVersion(context)) return -1;
    AttachLog(context);
    return Start(context);
  } catch (const std::exception& error) {
    LogError("start: " + ForeignText(error.what()));
  }
  return -1;
}

void Finalize() noexcept {
  try {
    Unregister();
    g_running.reset();
    DetachLog();
  } catch (const std::exception&) {
    // Orthanc is stopping, so there is nobody to report it to.
  }
}

}  // namespace osteon::plugin
