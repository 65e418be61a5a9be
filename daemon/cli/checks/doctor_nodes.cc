// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/checks/doctor_nodes.h"

#include <algorithm>
#include <array>

#include "daemon/cli/checks/dicom_node.h"
#include "daemon/cli/print.h"

namespace osteon::cli {
namespace {

struct SopClass {
  const char* uid;
  const char* name;
  const char*
      setting;  // In [pipeline] of osteond.toml: what makes such objects, or others instead.
};

// DICOM PS3.6, table A-1. In the order in which a report's class is to be preferred.
constexpr std::array<SopClass, 3> kReports = {
    {{"1.2.840.10008.5.1.4.1.1.88.34", "Comprehensive 3D SR", "comprehensive3d"},
     {"1.2.840.10008.5.1.4.1.1.88.33", "Comprehensive SR", "comprehensive"},
     {"1.2.840.10008.5.1.4.1.1.88.22", "Enhanced SR", "enhanced"}}};
constexpr std::array<SopClass, 3> kOthers = {
    {{"1.2.840.10008.5.1.4.1.1.66.4", "Segmentation", "write_seg"},
     {"1.2.840.10008.5.1.4.1.1.7", "Secondary Capture", "write_pictures"},
     {"1.2.840.10008.5.1.4.1.1.104.1", "Encapsulated PDF", "write_pdf"}}};
constexpr const char* kCommitment = "1.2.840.10008.1.20.1";

using Accepted = std::set<std::string>;

void CheckReport(const std::string& name, const Accepted& accepted,
                 std::vector<Finding>& findings) {
  const auto first = std::find_if(kReports.begin(), kReports.end(),
                                  [&](const SopClass& one) { return accepted.contains(one.uid); });
  if (first == kReports.begin()) {
    findings.push_back(Good(name + " accepts " + first->name));
  } else if (first == kReports.end()) {
    findings.push_back(Bad(name + " accepts no SR of Osteon's (" + kReports[0].name + ", " +
                               kReports[1].name + ", " + kReports[2].name + ")",
                           "have one of them allowed there for Orthanc's AE title; without it no "
                           "report arrives"));
  } else {
    findings.push_back(Warn(name + " accepts no " + kReports[0].name + ", but " + first->name,
                            "set sr_class = \"" + std::string(first->setting) +
                                "\" in [pipeline] of every worker's osteond.toml, if it is not yet "
                                "so"));
  }
}

// Warnings, since nobody here knows what the workers write. Orthanc ends a transfer at the first
// object that is refused, and the SR is the last.
void CheckOthers(const std::string& name, const Accepted& accepted,
                 std::vector<Finding>& findings) {
  for (const SopClass& one : kOthers) {
    if (accepted.contains(one.uid))
      findings.push_back(Good(name + " accepts " + one.name));
    else
      findings.push_back(
          Warn(name + " does not accept " + one.name +
                   ": a report that comes with one does not arrive there, its copy fails",
               "have it allowed there for Orthanc's AE title, or see that every worker's "
               "osteond.toml has " +
                   std::string(one.setting) +
                   " = false in [pipeline]; this is said all the same, since doctor does not know "
                   "their settings"));
  }
}

void CheckCommitment(const std::string& name, const Accepted& accepted,
                     std::vector<Finding>& findings) {
  if (accepted.contains(kCommitment))
    findings.push_back(Good(name + " accepts Storage Commitment"));
  else
    findings.push_back(Bad(name + " does not accept Storage Commitment, so no copy counts as sent",
                           "have it allowed there, or set \"StorageCommitment\": false in the "
                           "Osteon section"));
}

void CheckClasses(const std::string& name, const DicomNode& node, const Json& status,
                  std::vector<Finding>& findings) {
  std::vector<std::string> uids;
  uids.reserve(kReports.size() + kOthers.size() + 1);
  for (const SopClass& one : kReports) uids.emplace_back(one.uid);
  for (const SopClass& one : kOthers) uids.emplace_back(one.uid);
  const bool commitment = status.value("storage_commitment", false);
  if (commitment) uids.emplace_back(kCommitment);
  const auto accepted = AcceptedSopClasses(node, uids);
  if (!accepted) {
    findings.push_back(Warn(
        name + " does not tell this machine which objects it takes: " + accepted.error().message(),
        "it may know Orthanc's machine only: run 'osteon doctor' there"));
    return;
  }
  CheckReport(name, *accepted, findings);
  CheckOthers(name, *accepted, findings);
  if (commitment) CheckCommitment(name, *accepted, findings);
}

// Under Orthanc's own AE title.
Result<DicomNode> AskNode(const ServerOptions& server, const std::string& name) {
  const Result<Json> system = GetJson(server, "/system");
  if (!system) return system.error();
  const Result<Json> modality =
      GetJson(server, "/modalities/" + UrlEncoded(name) + "/configuration");
  if (!modality) return modality.error();
  if (modality->value("UseDicomTls", false)) return Unsupported("it is reached by DICOM TLS");
  const Json port = modality->value("Port", Json(104));
  if (!port.is_number_unsigned()) return Unsupported("its port is no number");
  return DicomNode{Cell(*modality, "Host"), port.get<std::uint16_t>(), Cell(*modality, "AET"),
                   Cell(*system, "DicomAet")};
}

}  // namespace

void CheckNodes(const ServerOptions& server, const Json& status, std::vector<Finding>& findings) {
  for (const Json& listed : status.value("send_to", Json::array())) {
    const std::string name = Cell(listed);
    const Result<Json> echo =
        PostJson(server, "/modalities/" + UrlEncoded(name) + "/echo", Json{{"Timeout", 10}});
    if (!echo) {
      findings.push_back(Bad(name + " does not answer C-ECHO: " + echo.error().message(),
                             "check its entry in \"DicomModalities\" (AE title, host, port), "
                             "whether it runs and knows Orthanc's AE title"));
      continue;
    }
    findings.push_back(Good(name + " answers C-ECHO"));
    if (const Result<DicomNode> node = AskNode(server, name); node)
      CheckClasses(name, *node, status, findings);
    else
      findings.push_back(
          Warn("which objects " + name + " takes was not asked: " + node.error().message(),
               "look into its conformance statement for SR, Segmentation, Secondary Capture, and "
               "Encapsulated PDF if write_pdf is true"));
  }
}

}  // namespace osteon::cli
