// SPDX-License-Identifier: GPL-3.0-or-later
// Orthanc's C SDK behind C++: the only files that see it. Every call from Orthanc goes through a
// guard, so that no exception reaches C; every call to Orthanc returns a Result.
#pragma once

#include <orthanc/OrthancCPlugin.h>

#include <functional>
#include <string>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "orthanc-plugin/web/http.h"
#include "orthanc-plugin/web/metrics.h"

namespace osteon::plugin {

// The REST API in the process, with all rights. Any thread, except from the change callback.
class OrthancArchive final : public Archive {
 public:
  // `context` must outlive the archive.
  explicit OrthancArchive(OrthancPluginContext* context) : context_(context) {}

  Result<std::optional<std::string>> Get(const std::string& uri) override;
  Result<std::string> Post(const std::string& uri, std::string_view body) override;
  Status Delete(const std::string& uri) override;
  Result<std::string> ParseDicom(std::string_view bytes) override;

 private:
  OrthancPluginContext* context_;
};

// What Orthanc tells. `changed` and `study_deleted` are called on Orthanc's change thread and must
// return at once.
struct OrthancEvents {
  std::function<void()> started;
  std::function<void()> stopped;
  std::function<void()> changed;
  std::function<void(std::string study_orthanc_id)> study_deleted;
  std::function<HttpReply(const HttpRequest&)> http;
  std::function<std::vector<Metric>()> metrics;
};

// False when this Orthanc is older than the SDK the plugin was built with; the log names the
// version that is needed.
bool CheckVersion(OrthancPluginContext* context);
// Sends our log lines to Orthanc's log; DetachLog before the context goes.
void AttachLog(OrthancPluginContext* context);
void DetachLog();
// Registers callbacks, routes, metrics and the Explorer button. Once a process: C callbacks carry
// no state of ours.
void Register(OrthancPluginContext* context, OrthancEvents events);
// Callbacks do nothing after this.
void Unregister();

std::string Configuration(OrthancPluginContext* context);
// The folder that relative paths of the configuration count from.
std::string ConfigurationFolder(OrthancPluginContext* context);

}  // namespace osteon::plugin
