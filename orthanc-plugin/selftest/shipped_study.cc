// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/selftest/shipped_study.h"

// Drawn by the build. A plugin with a file beside it would have to know where it was installed.
asm(".pushsection .rodata\n"
    ".balign 16\n"
    "osteon_selftest_study: .incbin \"" OSTEON_SELFTEST_STUDY
    "\"\n"
    "osteon_selftest_study_end: .byte 0\n"
    ".popsection\n");
extern "C" const char osteon_selftest_study[], osteon_selftest_study_end[];

namespace osteon::plugin {

const PackedStudy& ShippedStudy() {
  static const PackedStudy study = [] {
    auto unpacked = Unpack({osteon_selftest_study, osteon_selftest_study_end});
    Check(unpacked.ok(), "the study that the build has drawn can be read");
    return *std::move(unpacked);
  }();
  return study;
}

}  // namespace osteon::plugin
