// SPDX-License-Identifier: GPL-3.0-or-later
// Whether two studies are of one patient: the one rule for the plugin, which gathers what came
// before, and for the pipeline, which compares with it.
#pragma once

#include <string>
#include <string_view>

namespace osteon {

// Who a study is about, as its files say. Text in UTF-8. Only ever compared: never logged or shown.
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
  kUnsure,  // Nothing differs for certain, and nothing proves that it is the same person.
};

// kYes needs the same Patient ID, which is not a placeholder, and one thing more that both state
// alike: the issuer of the ID, the birth date, or a name that is none of the placeholders. Empty
// fields prove nothing, neither way. With the same ID and birth date another name is a corrected
// name; another sex leaves kUnsure, as does an issuer that only one states, unless the birth date
// is the same. Case and padding of names do not count.
SamePatient Compare(const PatientIdentity& a, const PatientIdentity& b);

// What is typed or written where an ID is not known or was removed: empty, "0", three or more times
// one character ("0000", "XXX"), "123456", or a word such as UNKNOWN, ANON, NONE. Case, spaces and
// punctuation do not count. Many patients share such an ID, so it tells none of them apart.
bool IsPlaceholder(std::string_view id_or_name);

}  // namespace osteon
