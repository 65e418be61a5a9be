// SPDX-License-Identifier: GPL-3.0-or-later
// A drawn study with its truth as one string, which the plugin carries for its self-test: a line of
// JSON (UID, lesions, sizes of the files), then the files one after another.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/truth/truth.h"

namespace osteon {

struct PackedStudy {
  std::string study_uid;
  std::vector<DrawnLesion> lesions;
  std::vector<std::string_view> files;  // DICOM; of Unpack within its argument.
};

std::string Pack(const PackedStudy& study);
// kInvalidInput when it is not whole.
Result<PackedStudy> Unpack(std::string_view packed);

// The bytes with another UID in the place of each one below 2.25: as long, and the same for the
// same `seed` and UID, so that the files of a study still belong together. What was analysed before
// is known by its UIDs and not analysed again.
std::string WithNewUids(std::string_view bytes, std::string_view seed);

}  // namespace osteon
