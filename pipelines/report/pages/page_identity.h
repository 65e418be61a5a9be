// SPDX-License-Identifier: GPL-3.0-or-later
// The patient's identity for the pages of a report. It goes from a source file's header
// (dicom/objects/source_identity.h) onto the pages and nowhere else: not into the model, logs or
// findings.json.
#pragma once

#include <string>

namespace osteon {

struct PageIdentity {
  std::string name;        // UTF-8, for people: "Müller, Jörg", "Yamada, Tarou (山田 太郎)".
  std::string patient_id;  // UTF-8.
  std::string birth_date;  // YYYYMMDD or empty.
  std::string sex;         // "F", "M", "O" or empty.
  std::string accession_number;

  bool empty() const { return name.empty() && patient_id.empty() && accession_number.empty(); }
};

}  // namespace osteon
