// SPDX-License-Identifier: GPL-3.0-or-later
// Orthanc as the rest of the plugin sees it: its REST API called in the process, and its DICOM
// parser. An interface, so that intake, dispatch and web are tested without an Orthanc
// (tests/orthanc-plugin/fakes.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"

namespace osteon::plugin {

// Any thread, except from within Orthanc's change callback (its SDK forbids that).
class Archive {
 public:
  virtual ~Archive() = default;

  // The body of GET `uri`; nothing when Orthanc says there is no such resource, which is an answer
  // and not an error. Errors: kUnavailable when Orthanc cannot answer now (disk, database,
  // stopping).
  virtual Result<std::optional<std::string>> Get(const std::string& uri) = 0;
  // Errors: kUnavailable as above; kInvalidInput when Orthanc refuses the body.
  virtual Result<std::string> Post(const std::string& uri, std::string_view body) = 0;
  // Removing what is not there succeeds.
  virtual Status Delete(const std::string& uri) = 0;
  // The data set as Orthanc's "short" JSON ("0020,000d": "1.2.3"), without bulk data.
  // Errors: kInvalidInput when it is not DICOM.
  virtual Result<std::string> ParseDicom(std::string_view bytes) = 0;
};

}  // namespace osteon::plugin
