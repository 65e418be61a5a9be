// SPDX-License-Identifier: GPL-3.0-or-later
// What the reader needs to know of the patient from one header. Only age and height go further than
// the reader.
#pragma once

#include <optional>
#include <string>

class DcmItem;

namespace osteon {

struct PatientFacts {
  // Used only to refuse two patients in one study. Empty when absent.
  std::string patient_id, birth_date;
  std::string study_date;           // YYYYMMDD or empty.
  std::optional<double> age_years;  // From the two dates, else from Patient's Age (0010,1010).
  std::optional<double> height_mm;  // Patient's Size (0010,1020).
};

PatientFacts ReadPatientFacts(DcmItem& dataset);

}  // namespace osteon
