// SPDX-License-Identifier: GPL-3.0-or-later
// Whether two studies are of one patient: one rule for the plugin, which collects prior reports,
// and for the pipeline, which compares with them.
#pragma once

#include <string>
#include <string_view>

namespace osteon {

// The patient of a study, as its files state. Text in UTF-8. Only compared, never logged or shown.
struct PatientIdentity {
  std::string id;  // Patient ID (0010,0020).
  std::string
      issuer;        // Universal Entity ID of the qualifiers (0010,0024), else Issuer (0010,0021).
  std::string name;  // Patient's Name (0010,0010).
  std::string birth_date;  // YYYYMMDD.
  std::string sex;         // "F", "M", "O".
};

enum class SamePatient {
  kYes,
  kNo,      // Patient ID, issuer or birth date are stated in both and differ.
  kUnsure,  // Nothing differs for certain, and nothing shows that it is the same person.
};

// kYes needs the same Patient ID, which is no placeholder, and one more field that is the same in
// both: the issuer of the ID, the birth date, or a name that is no placeholder. Empty fields do not
// count. With the same ID and birth date another name is a corrected name; another sex leaves
// kUnsure, as does an issuer that only one states, unless the birth date is the same. Case and
// padding of names do not count.
SamePatient Compare(const PatientIdentity& a, const PatientIdentity& b);

// Whether a value is one that is entered where an ID is not known or was removed: empty, "0", three
// or more times one character ("0000", "XXX"), "123456", or a word such as UNKNOWN, ANON, NONE.
// Case, spaces and punctuation do not count. Many patients share such an ID, so it tells none of
// them apart.
bool IsPlaceholder(std::string_view id_or_name);

}  // namespace osteon
