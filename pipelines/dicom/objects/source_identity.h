// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the patient's identity for the pages of the report, only when they are drawn, from one
// source file.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "pipelines/model/report.h"

namespace osteon {

struct SourceIdentity {
  std::string name;  // UTF-8, as DisplayName makes it: "Müller, Jörg", "Yamada, Tarou (山田 太郎)".
  std::string patient_id;  // UTF-8.
  std::string birth_date;  // YYYYMMDD or empty.
  std::string sex;         // "F", "M", "O" or empty.
  std::string accession_number;
};

// Reads the instance whose patient and study modules the documents copy. Errors: as
// ReadSourceModules.
Result<SourceIdentity> ReadSourceIdentity(const AnalysedStudy& analysed);

// A Person Name (PS3.5 6.2.1) as people write it: family name first, "Müller, Jörg, Dr."; the
// ideographic group in brackets after the alphabetic one, "Yamada, Tarou (山田 太郎)", or alone
// where there is no alphabetic one; the phonetic group only when there is no other.
std::string DisplayName(std::string_view person_name);

}  // namespace osteon
