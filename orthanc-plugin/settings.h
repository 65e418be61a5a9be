// SPDX-License-Identifier: GPL-3.0-or-later
// The "Osteon" section of Orthanc's configuration as values. config/orthanc-osteon.json has every
// key with its default and meaning; a test reads that file and finds the defaults below.
#pragma once

#include <filesystem>
#include <string_view>

#include "orthanc-plugin/digest/sender.h"
#include "orthanc-plugin/dispatch/forwarder.h"
#include "orthanc-plugin/dispatch/job_protocol.h"
#include "orthanc-plugin/dispatch/router.h"
#include "orthanc-plugin/intake/intake.h"
#include "pipelines/base/result.h"
#include "pipelines/rules/rules_file.h"

namespace osteon::plugin {

struct Settings {
  bool enabled = true;
  std::filesystem::path ledger_path;  // Of SQLite.
  std::string ledger_connection;      // Of PostgreSQL, instead; may hold a password.
  SiteRules rules;                    // As they are now.
  std::filesystem::path rules_file;   // Empty: the compiled-in ones.
  IntakeOptions intake;
  RouterOptions router;
  JobProtocolOptions jobs;
  ForwardOptions forward;
  DigestOptions digest;
  std::filesystem::path storage_folder;  // Orthanc's.
};

// `orthanc_configuration`: the whole of it, as Orthanc gives it. Relative paths count from `base`,
// the folder of its configuration file. Without an "Osteon" section the plugin is not enabled.
// Errors: kInvalidInput that names key, value and what is allowed; kUnavailable for a file that
// cannot be read.
Result<Settings> ParseSettings(std::string_view orthanc_configuration,
                               const std::filesystem::path& base);

}  // namespace osteon::plugin
