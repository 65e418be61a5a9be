// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/orthanc.h"

#include <fmt/core.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <memory>

#include "orthanc-plugin/web/page.h"
#include "orthanc-plugin/web/routes.h"
#include "pipelines/base/guarded.h"
#include "pipelines/base/log.h"
#include "pipelines/base/mutex.h"
#include "pipelines/base/version.h"

// SDK 1.12 calls SetDescription, SetRootUri, ExtendOrthancExplorer and GetConfigurationPath
// deprecated. What it offers instead is not in 1.10.1 of Debian 12, and 1.12.7 of Debian 13 still
// answers the old calls.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace osteon::plugin {
namespace {

// For the C callbacks, which carry no state. Unregister waits for callbacks that are running.
SharedMutex g_events_mutex;
std::unique_ptr<OrthancEvents> g_events GUARDED_BY(g_events_mutex);
OrthancPluginContext* g_context = nullptr;
// Time that Orthanc's threads spent in the change callback.
std::atomic<std::int64_t> g_callbacks = 0;
std::atomic<std::int64_t> g_callback_ns = 0;

// A buffer that Orthanc allocated.
class Buffer {
 public:
  explicit Buffer(OrthancPluginContext* context) : context_(context) {}
  ~Buffer() {
    if (buffer_.data) OrthancPluginFreeMemoryBuffer(context_, &buffer_);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  OrthancPluginMemoryBuffer* get() { return &buffer_; }
  std::string Text() const { return {static_cast<const char*>(buffer_.data), buffer_.size}; }

 private:
  OrthancPluginContext* context_;
  OrthancPluginMemoryBuffer buffer_ = {nullptr, 0};
};

std::string TakeString(OrthancPluginContext* context, char* text) {
  if (!text) return {};
  std::string taken = text;
  OrthancPluginFreeString(context, text);
  return taken;
}

Error OrthancError(OrthancPluginContext* context, OrthancPluginErrorCode code,
                   const std::string& uri) {
  const char* text = OrthancPluginGetErrorDescription(context, code);
  const std::string message =
      "Orthanc, " + uri + ": " + (text ? text : fmt::format("error {}", static_cast<int>(code)));
  // HTTP status 507 of a quota that rejects.
  if (code == OrthancPluginErrorCode_FullStorage)
    return Unavailable(message +
                       ": make room, or raise its quota (MaximumStorageSize, MaximumPatientCount)");
  const bool refused = code == OrthancPluginErrorCode_BadFileFormat ||
                       code == OrthancPluginErrorCode_BadRequest ||
                       code == OrthancPluginErrorCode_ParameterOutOfRange;
  return {refused ? ErrorCode::kInvalidInput : ErrorCode::kUnavailable, message};
}

bool IsMissing(OrthancPluginErrorCode code) {
  return code == OrthancPluginErrorCode_UnknownResource ||
         code == OrthancPluginErrorCode_InexistentItem;
}

// Runs `body`; what it throws (memory, a third party's defect) is logged and becomes Orthanc's
// plugin error.
template <typename Body>
OrthancPluginErrorCode Guard(const char* what, Body body) noexcept {
  try {
    body();
    return OrthancPluginErrorCode_Success;
  } catch (const std::exception& error) {
    LogError(ErrorOf(error, what).message());
  } catch (...) {
    LogError(what);
  }
  return OrthancPluginErrorCode_Plugin;
}

OrthancPluginErrorCode OnChange(OrthancPluginChangeType change, OrthancPluginResourceType resource,
                                const char* id) noexcept {
  const auto begun = std::chrono::steady_clock::now();
  const OrthancPluginErrorCode answer = Guard("change callback", [&] {
    const ReaderLock lock(g_events_mutex);
    if (!g_events) return;
    switch (change) {
      case OrthancPluginChangeType_OrthancStarted:
        return g_events->started();
      case OrthancPluginChangeType_OrthancStopped:
        return g_events->stopped();
      case OrthancPluginChangeType_NewInstance:
      case OrthancPluginChangeType_NewSeries:
      case OrthancPluginChangeType_NewStudy:
        return g_events->changed();
      case OrthancPluginChangeType_Deleted:
        if (resource == OrthancPluginResourceType_Study && id) g_events->study_deleted(id);
        return;
      default:
        return;
    }
  });
  ++g_callbacks;
  g_callback_ns += std::chrono::nanoseconds(std::chrono::steady_clock::now() - begun).count();
  return answer;
}

HttpRequest ToRequest(const char* url, const OrthancPluginHttpRequest& request) {
  HttpRequest converted;
  converted.method = request.method == OrthancPluginHttpMethod_Get    ? HttpMethod::kGet
                     : request.method == OrthancPluginHttpMethod_Post ? HttpMethod::kPost
                                                                      : HttpMethod::kOther;
  converted.path = url;
  for (std::uint32_t i = 0; i < request.getCount; ++i)
    converted.query[request.getKeys[i]] = request.getValues[i];
  for (std::uint32_t i = 0; i < request.headersCount; ++i)
    converted.headers[request.headersKeys[i]] = request.headersValues[i];
  if (request.body) converted.body.assign(static_cast<const char*>(request.body), request.bodySize);
  return converted;
}

// Orthanc insists on its own calls for some status codes.
void SendReply(OrthancPluginRestOutput* output, const HttpReply& reply) {
  const auto header = [&](const char* name) {
    const auto found = reply.headers.find(name);
    return found == reply.headers.end() ? "" : found->second.c_str();
  };
  if (reply.status == 302) return OrthancPluginRedirect(g_context, output, header("Location"));
  if (reply.status == 405)
    return OrthancPluginSendMethodNotAllowed(g_context, output, header("Allow"));
  for (const auto& [name, value] : reply.headers)
    OrthancPluginSetHttpHeader(g_context, output, name.c_str(), value.c_str());
  const auto size = static_cast<std::uint32_t>(reply.body.size());
  if (reply.status == 200) {
    OrthancPluginAnswerBuffer(g_context, output, reply.body.data(), size,
                              reply.content_type.c_str());
    return;
  }
  OrthancPluginSetHttpHeader(g_context, output, "Content-Type", reply.content_type.c_str());
  OrthancPluginSendHttpStatus(g_context, output, static_cast<std::uint16_t>(reply.status),
                              reply.body.data(), size);
}

OrthancPluginErrorCode OnHttp(OrthancPluginRestOutput* output, const char* url,
                              const OrthancPluginHttpRequest* request) noexcept {
  return Guard("REST callback", [&] {
    const ReaderLock lock(g_events_mutex);
    SendReply(output, g_events ? g_events->http(ToRequest(url, *request))
                               : ErrorReply(503, "Osteon is stopping"));
  });
}

void OnMetrics() noexcept {
  Guard("metrics callback", [] {
    const ReaderLock lock(g_events_mutex);
    if (!g_events) return;
    std::vector<Metric> metrics = g_events->metrics();
    metrics.push_back({"osteon_callbacks_total", static_cast<double>(g_callbacks.load())});
    metrics.push_back(
        {"osteon_callback_seconds_total", static_cast<double>(g_callback_ns.load()) * 1e-9});
    for (const Metric& metric : metrics)
      OrthancPluginSetMetricsValue(g_context, metric.name.c_str(), static_cast<float>(metric.value),
                                   OrthancPluginMetricsType_Default);
  });
}

}  // namespace

Result<std::optional<std::string>> OrthancArchive::Get(const std::string& uri) {
  Buffer answer(context_);
  const OrthancPluginErrorCode code = OrthancPluginRestApiGet(context_, answer.get(), uri.c_str());
  if (code == OrthancPluginErrorCode_Success) return std::optional<std::string>(answer.Text());
  if (IsMissing(code)) return std::optional<std::string>();
  return OrthancError(context_, code, "GET " + uri);
}

Result<std::string> OrthancArchive::Post(const std::string& uri, std::string_view body) {
  if (body.size() > UINT32_MAX) return InvalidInput("Orthanc takes at most 4 GB at once");
  Buffer answer(context_);
  const OrthancPluginErrorCode code = OrthancPluginRestApiPost(
      context_, answer.get(), uri.c_str(), body.data(), static_cast<std::uint32_t>(body.size()));
  if (code == OrthancPluginErrorCode_Success) return answer.Text();
  return OrthancError(context_, code, "POST " + uri);
}

Status OrthancArchive::Delete(const std::string& uri) {
  const OrthancPluginErrorCode code = OrthancPluginRestApiDelete(context_, uri.c_str());
  if (code == OrthancPluginErrorCode_Success || IsMissing(code)) return {};
  return OrthancError(context_, code, "DELETE " + uri);
}

Result<std::string> OrthancArchive::ParseDicom(std::string_view bytes) {
  if (bytes.size() > UINT32_MAX) return InvalidInput("larger than 4 GB");
  // UIDs and PatientID are shorter; longer values are not asked for.
  constexpr std::uint32_t kMaxValueLength = 256;
  std::string json =
      TakeString(context_, OrthancPluginDicomBufferToJson(
                               context_, bytes.data(), static_cast<std::uint32_t>(bytes.size()),
                               OrthancPluginDicomToJsonFormat_Short,
                               OrthancPluginDicomToJsonFlags_None, kMaxValueLength));
  if (json.empty()) return InvalidInput("it is not a DICOM file");
  return json;
}

bool CheckVersion(OrthancPluginContext* context) {
  if (OrthancPluginCheckVersion(context) != 0) return true;
  const std::string message =
      fmt::format("Osteon needs Orthanc {}.{}.{} or newer; this is {}",
                  ORTHANC_PLUGINS_MINIMAL_MAJOR_NUMBER, ORTHANC_PLUGINS_MINIMAL_MINOR_NUMBER,
                  ORTHANC_PLUGINS_MINIMAL_REVISION_NUMBER, context->orthancVersion);
  OrthancPluginLogError(context, message.c_str());
  return false;
}

void AttachLog(OrthancPluginContext* context) {
  SetLogSink([context](LogLevel level, std::string_view line) {
    const std::string text = "Osteon: " + std::string(line);
    if (level == LogLevel::kError)
      OrthancPluginLogError(context, text.c_str());
    else if (level == LogLevel::kWarning)
      OrthancPluginLogWarning(context, text.c_str());
    else
      OrthancPluginLogInfo(context, text.c_str());
  });
}

void DetachLog() {
  SetLogSink([](LogLevel, std::string_view) {});
}

void Register(OrthancPluginContext* context, OrthancEvents events) {
  g_context = context;
  {
    const WriterLock lock(g_events_mutex);
    g_events = std::make_unique<OrthancEvents>(std::move(events));
  }
  OrthancPluginRegisterOnChangeCallback(context, OnChange);
  OrthancPluginRegisterRestCallbackNoLock(context, "/osteon(/.*)?", OnHttp);
  OrthancPluginRegisterRefreshMetricsCallback(context, OnMetrics);
  OrthancPluginSetDescription(
      context, "Osteon: bone lesions of CNO on whole-body MRI, reported as DICOM SR");
  OrthancPluginSetRootUri(context, "/osteon/app/");
  OrthancPluginExtendOrthancExplorer(context, std::string(ExplorerScript()).c_str());
}

void Unregister() {
  const WriterLock lock(g_events_mutex);
  g_events.reset();
}

std::string Configuration(OrthancPluginContext* context) {
  return TakeString(context, OrthancPluginGetConfiguration(context));
}

std::string ConfigurationFolder(OrthancPluginContext* context) {
  const std::filesystem::path path =
      TakeString(context, OrthancPluginGetConfigurationPath(context));
  std::error_code error;
  if (path.empty()) return std::filesystem::current_path(error).string();
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return (std::filesystem::is_directory(absolute, error) ? absolute : absolute.parent_path())
      .string();
}

}  // namespace osteon::plugin
