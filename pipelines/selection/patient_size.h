// SPDX-License-Identifier: GPL-3.0-or-later
// Age and height as headers say them: what a whole body of this patient must cover.
#pragma once

#include <optional>
#include <string>

namespace osteon {

// Age in years at `study_date` (both YYYYMMDD); none when one is not a date or the age would be
// outside 0 to 120.
std::optional<double> AgeAt(const std::string& birth_date, const std::string& study_date);
// From the two dates, else from Patient's Age (0010,1010), "012Y", "018M", "003W", "010D" (PS3.5).
std::optional<double> AgeYears(const std::string& birth_date, const std::string& study_date,
                               const std::string& patient_age);

// Patient's Size (0010,1020) is in metres; some sites enter centimetres. 0.3 to 2.5 is taken as
// metres, 30 to 250 as centimetres; none for other values.
std::optional<double> HeightMm(std::optional<double> patient_size);

}  // namespace osteon
