// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/checks/dicom_node.h"

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dcuid.h>
#include <dcmtk/dcmnet/scu.h>
#include <dcmtk/oflog/oflog.h>

namespace osteon::cli {
namespace {

constexpr int kTimeoutSeconds = 10;

void Address(const DicomNode& node, DcmSCU& scu) {
  scu.setPeerHostName(node.host.c_str());
  scu.setPeerPort(node.port);
  scu.setPeerAETitle(node.ae_title.c_str());
  scu.setAETitle(node.caller_ae.c_str());
  scu.setConnectionTimeout(kTimeoutSeconds);
  scu.setACSETimeout(kTimeoutSeconds);
  scu.setDIMSETimeout(kTimeoutSeconds);
}

}  // namespace

Result<std::set<std::string>> AcceptedSopClasses(const DicomNode& node,
                                                 const std::vector<std::string>& sop_class_uids) {
  OFLog::configure(OFLogger::OFF_LOG_LEVEL);
  DcmSCU scu;
  Address(node, scu);
  OFList<OFString> syntaxes;
  syntaxes.push_back(UID_LittleEndianExplicitTransferSyntax);
  syntaxes.push_back(UID_LittleEndianImplicitTransferSyntax);
  scu.addPresentationContext(UID_VerificationSOPClass, syntaxes);
  for (const std::string& uid : sop_class_uids) scu.addPresentationContext(uid.c_str(), syntaxes);
  OFCondition done = scu.initNetwork();
  if (done.good()) done = scu.negotiateAssociation();
  if (done == NET_EC_NoAcceptablePresentationContexts) return std::set<std::string>();
  if (done.bad()) return Unavailable(done.text());
  std::set<std::string> accepted;
  for (const std::string& uid : sop_class_uids)
    if (scu.findAnyPresentationContextID(uid.c_str(), "") != 0) accepted.insert(uid);
  scu.releaseAssociation();
  return accepted;
}

}  // namespace osteon::cli
