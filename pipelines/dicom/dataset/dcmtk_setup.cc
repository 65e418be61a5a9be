// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/dataset/dcmtk_setup.h"

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>

#include <mutex>

namespace osteon {

void PrepareDcmtk() {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
  });
}

}  // namespace osteon
