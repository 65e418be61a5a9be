// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/same_patient.h"

#include <algorithm>
#include <array>

namespace osteon {
namespace {

// Letters and digits in upper case, and all that is not ASCII as it is.
std::string Bare(std::string_view text) {
  std::string bare;
  for (const char c : text) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool word = lower || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (lower)
      bare += static_cast<char>(c - 'a' + 'A');
    else if (word || static_cast<unsigned char>(c) >= 0x80)
      bare += c;
  }
  return bare;
}

// What people, scanners and de-identifiers write instead of an identity, without punctuation.
constexpr std::array<std::string_view, 44> kPlaceholders = {
    // Not known: emergency admissions, walk-ins.
    "UNKNOWN", "UNK", "UNKNOWNPATIENT", "PATIENTUNKNOWN", "UNBEKANNT", "INCONNU", "SCONOSCIUTO",
    "DESCONOCIDO", "JOHNDOE", "JANEDOE", "DOEJOHN", "DOEJANE",
    // No value: what programs write for a field that they did not have.
    "NONE", "NULL", "NIL", "NA", "NAN", "NOID", "NOPATIENTID", "NOVALUE", "NOTAVAILABLE", "EMPTY",
    "MISSING", "DEFAULT", "PATIENT", "PATIENTID", "ID", "NAME",
    // Removed: de-identifiers that give everybody the same.
    "ANON", "ANONYM", "ANONYMOUS", "ANONYMIZED", "ANONYMISED", "ANONYMISIERT", "ANONYME",
    "ANONYMOUSPATIENT", "DEIDENTIFIED", "REMOVED", "REDACTED",
    // Trial runs of a scanner.
    "TEST", "TESTPATIENT", "PATIENTTEST", "PHANTOM", "DUMMY"};

// "1234", "123456789": typed into a mandatory field.
bool CountsUp(const std::string& bare) {
  for (std::size_t n = 0; n < bare.size(); ++n) {
    if (bare[n] != static_cast<char>('1' + n % 9)) return false;
  }
  return bare.size() >= 3 && bare.size() <= 9;
}

bool Differ(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && a != b;
}

bool Agree(const std::string& a, const std::string& b) { return !a.empty() && a == b; }

// The date of birth; empty when it is a placeholder ("00000000", "19000101", where the calendar of
// many programs begins).
std::string BirthDate(const std::string& date) {
  const bool digits = date.size() == 8 && std::all_of(date.begin(), date.end(),
                                                      [](char c) { return c >= '0' && c <= '9'; });
  return digits && date > "19000101" ? date : std::string();
}

}  // namespace

bool IsPlaceholder(std::string_view id_or_name) {
  const std::string bare = Bare(id_or_name);
  if (bare.empty() || bare == "0" || bare == "X") return true;
  const bool all_one = bare.find_first_not_of(bare[0]) == std::string::npos;
  return (all_one && bare.size() >= 3) || CountsUp(bare) ||
         std::find(kPlaceholders.begin(), kPlaceholders.end(), bare) != kPlaceholders.end();
}

SamePatient Compare(const PatientIdentity& a, const PatientIdentity& b) {
  const std::string born_a = BirthDate(a.birth_date), born_b = BirthDate(b.birth_date);
  if (Differ(born_a, born_b)) return SamePatient::kNo;
  // Two issuers may be two spellings of one.
  if (Differ(a.issuer, b.issuer))
    return Agree(born_a, born_b) ? SamePatient::kUnsure : SamePatient::kNo;
  const bool known = !IsPlaceholder(a.id) && !IsPlaceholder(b.id);
  if (known && a.id != b.id) return SamePatient::kNo;
  if (!known || Differ(a.sex, b.sex)) return SamePatient::kUnsure;
  if (Agree(born_a, born_b) || Agree(a.issuer, b.issuer)) return SamePatient::kYes;
  if (a.issuer != b.issuer) return SamePatient::kUnsure;
  const bool named = !IsPlaceholder(a.name) && Bare(a.name) == Bare(b.name);
  return named ? SamePatient::kYes : SamePatient::kUnsure;
}

}  // namespace osteon
