// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/settings.h"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "orthanc-plugin/digest/timetable.h"
#include "orthanc-plugin/intake/live_rules.h"
#include "pipelines/rules/object_reader.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::json;

constexpr const char* kLedgerName = "osteon-ledger.sqlite";
constexpr std::int64_t kDaySeconds = 86'400;

struct PathReader {
  ObjectReader& reader;
  const std::filesystem::path& base;

  // Empty where the key is missing or empty.
  std::filesystem::path Read(const char* key) const {
    std::string text;
    reader.Read(key, text);
    return text.empty() ? std::filesystem::path() : base / text;
  }
};

// A number of seconds, kept in milliseconds.
void ReadSeconds(ObjectReader& reader, const char* key, std::int64_t& to_ms, std::int64_t min_s,
                 std::int64_t max_s) {
  std::int64_t seconds = to_ms / 1000;
  reader.ReadWhole(key, seconds, min_s, max_s);
  to_ms = seconds * 1000;
}

void ReadInt(ObjectReader& reader, const char* key, int& to, int min, int max) {
  std::int64_t value = to;
  reader.ReadWhole(key, value, min, max);
  to = static_cast<int>(value);
}

void ReadMode(ObjectReader& reader, DispatchMode& to) {
  std::string mode = "assist";
  reader.Read("Mode", mode);
  if (mode == "assist")
    to = DispatchMode::kAssist;
  else if (mode == "silent")
    to = DispatchMode::kSilent;
  else if (mode == "off")
    to = DispatchMode::kOff;
  else
    reader.Fail("Mode", "is \"" + mode + "\" and must be \"assist\", \"silent\" or \"off\"");
}

void ReadPriority(ObjectReader& reader, Priority& to) {
  std::string name(Name(to));
  reader.Read("Priority", name);
  if (const auto priority = PriorityFromName(name))
    to = *priority;
  else
    reader.Fail(
        "Priority",
        "is \"" + name + "\" and must be \"stat\", \"routine\", \"overnight\" or \"backfill\"");
}

void ReadWindows(ObjectReader& reader, PriorityWindows& to) {
  const Json* windows = reader.Object("Windows");
  if (!windows) return;
  ObjectReader inner(*windows, "'Windows'");
  for (const Priority priority : kPriorities) {
    std::vector<std::string> texts;
    inner.Read(Name(priority), texts);
    for (const std::string& text : texts) {
      auto window = ParseWindow(text);
      if (!window) return reader.Fail("Windows", window.error().message());
      to[static_cast<std::size_t>(priority)].push_back(*window);
    }
  }
  if (Status finished = inner.Finish(); !finished)
    reader.Fail("Windows", "holds an error: " + finished.error().message());
}

void ReadSendTo(ObjectReader& reader, const Json& configuration, ForwardOptions& to) {
  reader.Read("SendTo", to.destinations);
  bool commitment = true;
  reader.Read("StorageCommitment", commitment);
  to.commitment = commitment ? Commitment::kAsk : Commitment::kSkip;
  // With modalities in Orthanc's database the configuration does not know them.
  const auto modalities = configuration.find("DicomModalities");
  if (modalities == configuration.end() || !modalities->is_object()) return;
  const auto in_database = configuration.find("DicomModalitiesInDatabase");
  if (in_database != configuration.end() && *in_database == true) return;
  for (const std::string& name : to.destinations)
    if (!modalities->contains(name))
      reader.Fail("SendTo", "names '" + name + "', which is not in \"DicomModalities\"");
}

bool BeginsWithOneOf(const std::string& text, std::initializer_list<const char*> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(), [&](const char* beginning) {
    return text.starts_with(beginning) && text.size() > std::string_view(beginning).size();
  });
}

// One that may stand in a header of a mail.
bool IsMailAddress(const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c <= '~' && c != '<' && c != '>' && c != ',';
  });
  const auto at = text.find('@');
  return plain && at != std::string::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string::npos;
}

// What is wrong with them; empty when nothing is.
std::string WrongDigest(const DigestOptions& digest) {
  const MailOptions& mail = digest.mail;
  if (!mail.server.empty() && !BeginsWithOneOf(mail.server, {"smtp://", "smtps://"}))
    return "'MailServer' must be smtp://host:port or smtps://host:port";
  if (mail.server.empty() != mail.from.empty() || mail.server.empty() != mail.to.empty())
    return "'MailServer', 'MailFrom' and 'MailTo' go together";
  if (!mail.from.empty() && !IsMailAddress(mail.from))
    return "'MailFrom' is \"" + mail.from + "\" and must be one address, name@host";
  for (const std::string& address : mail.to)
    if (!IsMailAddress(address))
      return "'MailTo' has \"" + address + "\"; each must be one address, name@host";
  if (!digest.webhook.url.empty() && !BeginsWithOneOf(digest.webhook.url, {"http://", "https://"}))
    return "'Webhook' must be an http:// or https:// address";
  return {};
}

void ReadDigest(ObjectReader& reader, const Json& configuration, DigestOptions& to) {
  const auto proxy = configuration.find("HttpProxy");
  if (proxy != configuration.end() && proxy->is_string()) to.webhook.proxy = *proxy;
  const Json* digest = reader.Object("Digest");
  if (!digest) return;
  ObjectReader inner(*digest, "'Digest'");
  std::string at;
  inner.Read("At", at);
  inner.Read("MailServer", to.mail.server);
  inner.Read("MailFrom", to.mail.from);
  inner.Read("MailTo", to.mail.to);
  inner.Read("Webhook", to.webhook.url);
  if (Status finished = inner.Finish(); !finished)
    return reader.Fail("Digest", "holds an error: " + finished.error().message());
  const auto minute = at.empty() ? to.minute_of_day : ParseTimeOfDay(at);
  if (!minute)
    return reader.Fail("Digest", "has 'At' \"" + at + "\"; a time of day is written 07:00");
  to.minute_of_day = *minute;
  if (const std::string wrong = WrongDigest(to); !wrong.empty())
    reader.Fail("Digest", "holds an error: " + wrong);
}

void ReadNumbers(ObjectReader& reader, Settings& settings) {
  GateOptions& gate = settings.intake.gate;
  ReadSeconds(reader, "StableQuietSeconds", gate.quiet_ms, 1, kDaySeconds);
  ReadSeconds(reader, "ForceAfterSeconds", gate.force_ms, 1, 7 * kDaySeconds);
  ReadSeconds(reader, "ReconcileSeconds", settings.intake.reconcile_ms, 1, kDaySeconds);
  ReadSeconds(reader, "LeaseSeconds", settings.jobs.scheduler.lease_ms, 5, 3'600);
  ReadSeconds(reader, "StorageCommitmentSeconds", settings.forward.commitment_timeout_ms, 1,
              kDaySeconds);
  ReadInt(reader, "MaxAttempts", settings.jobs.retry.max_failures, 1, 100);
  ReadSeconds(reader, "RetryBaseSeconds", settings.jobs.retry.base_ms, 1, kDaySeconds);
  ReadSeconds(reader, "RetryMaxSeconds", settings.jobs.retry.max_ms, 1, 7 * kDaySeconds);
  auto in_flight = static_cast<std::int64_t>(settings.jobs.scheduler.max_in_flight);
  reader.ReadWhole("MaxInFlight", in_flight, 1, 10'000);
  settings.jobs.scheduler.max_in_flight = static_cast<std::size_t>(in_flight);
  auto megabytes = static_cast<std::int64_t>(settings.jobs.max_result_bytes >> 20);
  reader.ReadWhole("MaxResultMegabytes", megabytes, 1, 2'048);
  settings.jobs.max_result_bytes = static_cast<std::uint64_t>(megabytes) << 20;
}

// Keys that depend on each other, so that a mistake is reported at the start.
Status CheckTogether(const Settings& settings) {
  if (settings.intake.gate.force_ms < settings.intake.gate.quiet_ms)
    return InvalidInput(
        "section Osteon: 'ForceAfterSeconds' must not be smaller than 'StableQuietSeconds'");
  if (settings.jobs.retry.max_ms < settings.jobs.retry.base_ms)
    return InvalidInput(
        "section Osteon: 'RetryMaxSeconds' must not be smaller than 'RetryBaseSeconds'");
  if (!settings.ledger_path.empty() && !settings.ledger_connection.empty())
    return InvalidInput(
        "section Osteon: 'LedgerPath' (SQLite) and 'LedgerConnection' (PostgreSQL) are both set; "
        "the ledger is in one of them");
  return {};
}

Status LoadKeys(const std::filesystem::path& key_file, RouterOptions& router) {
  if (key_file.empty() != router.allowed_workers_file.empty())
    return InvalidInput("section Osteon: 'ServerKeyFile' and 'AllowedWorkersFile' go together");
  if (key_file.empty()) {
    if (protocol::IsLocalEndpoint(router.endpoint)) return {};
    return InvalidInput("section Osteon: 'Endpoint' " + router.endpoint +
                        " leaves this machine, so 'ServerKeyFile' and 'AllowedWorkersFile' are "
                        "needed; make them with "
                        "`osteon keygen`");
  }
  auto keys = protocol::LoadSecretKeyFile(key_file);
  if (!keys) return std::move(keys).error().During("section Osteon: 'ServerKeyFile'");
  router.server_keys = *std::move(keys);
  return {};
}

// Of the first key that is there.
std::filesystem::path Folder(const Json& configuration, const std::filesystem::path& base,
                             std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const auto found = configuration.find(key);
    if (found != configuration.end() && found->is_string()) return base / found->get<std::string>();
  }
  return base / "OrthancStorage";  // Orthanc's own default.
}

}  // namespace

Result<Settings> ParseSettings(std::string_view orthanc_configuration,
                               const std::filesystem::path& base) {
  const Json configuration = Json::parse(orthanc_configuration, nullptr, /*allow_exceptions=*/false,
                                         /*ignore_comments=*/true);
  if (!configuration.is_object())
    return InvalidInput("Orthanc's configuration is not a JSON object");
  Settings settings;
  const auto section = configuration.find("Osteon");
  if (section == configuration.end()) {
    settings.enabled = false;
    return settings;
  }
  if (!section->is_object()) return InvalidInput("section Osteon must be an object");
  ObjectReader reader(*section, "section Osteon");
  const PathReader paths{reader, base};
  reader.Read("Enabled", settings.enabled);
  ReadMode(reader, settings.jobs.mode);
  reader.Read("Endpoint", settings.router.endpoint);
  const std::filesystem::path key_file = paths.Read("ServerKeyFile");
  settings.router.allowed_workers_file = paths.Read("AllowedWorkersFile");
  settings.ledger_path = paths.Read("LedgerPath");
  reader.Read("LedgerConnection", settings.ledger_connection);
  settings.rules_file = paths.Read("RulesFile");
  ReadPriority(reader, settings.intake.priority);
  ReadWindows(reader, settings.jobs.windows);
  ReadNumbers(reader, settings);
  ReadSendTo(reader, configuration, settings.forward);
  ReadDigest(reader, configuration, settings.digest);
  if (Status finished = reader.Finish(); !finished) return std::move(finished).error();
  if (!settings.enabled) return settings;
  if (Status checked = CheckTogether(settings); !checked) return std::move(checked).error();
  if (Status loaded = LoadKeys(key_file, settings.router); !loaded)
    return std::move(loaded).error();
  auto rules = settings.rules_file.empty() ? DefaultRules() : LoadRulesFile(settings.rules_file);
  if (!rules) return std::move(rules).error().During("section Osteon: 'RulesFile'");
  settings.rules = *std::move(rules);
  settings.jobs.send_to = settings.forward.destinations;
  settings.jobs.shared_ledger = !settings.ledger_connection.empty();
  settings.forward.retry = settings.jobs.retry;
  settings.intake.longest_retry_ms = settings.jobs.retry.max_ms;
  if (settings.ledger_path.empty() && settings.ledger_connection.empty())
    settings.ledger_path =
        Folder(configuration, base, {"IndexDirectory", "StorageDirectory"}) / kLedgerName;
  settings.storage_folder = Folder(configuration, base, {"StorageDirectory"});
  return settings;
}

}  // namespace osteon::plugin
