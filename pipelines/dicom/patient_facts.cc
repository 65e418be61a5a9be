// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/patient_facts.h"

#include "pipelines/dicom/attributes.h"

namespace osteon {
namespace {

// PatientAge as PS3.5 writes it: "012Y", "018M", "003W", "010D".
std::optional<double> ParseAge(const std::string& text) {
  if (text.size() < 2) return std::nullopt;
  double days = 0;
  switch (text.back()) {
    case 'Y':
      days = 365.25;
      break;
    case 'M':
      days = 30.4375;
      break;
    case 'W':
      days = 7;
      break;
    case 'D':
      days = 1;
      break;
    default:
      return std::nullopt;
  }
  int count = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9' || count > 1000) return std::nullopt;
    count = 10 * count + (c - '0');
  }
  return count * days / 365.25;
}

// Patient's Size is in metres; some sites type centimetres, which no person is tall in metres.
std::optional<double> HeightMm(DcmItem& dataset) {
  const auto size = ReadNumber(dataset, DCM_PatientSize);
  if (!size) return std::nullopt;
  if (*size >= 0.3 && *size <= 2.5) return *size * 1000;
  if (*size >= 30 && *size <= 250) return *size * 10;
  return std::nullopt;
}

}  // namespace

std::optional<double> AgeAt(const std::string& birth_date, const std::string& study_date) {
  const auto days = [](const std::string& date) -> std::optional<double> {
    if (date.size() != 8 || date.find_first_not_of("0123456789") != std::string::npos) {
      return std::nullopt;
    }
    const int year = std::stoi(date.substr(0, 4));
    const int month = std::stoi(date.substr(4, 2));
    const int day = std::stoi(date.substr(6, 2));
    if (year < 1850 || month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
    return 365.25 * year + 30.4375 * (month - 1) + day;
  };
  const auto born = days(birth_date);
  const auto seen = days(study_date);
  if (!born || !seen) return std::nullopt;
  const double years = (*seen - *born) / 365.25;
  if (years < 0 || years > 120) return std::nullopt;
  return years;
}

PatientFacts ReadPatientFacts(DcmItem& dataset) {
  PatientFacts facts;
  facts.patient_id = ReadText(dataset, DCM_PatientID).value_or("");
  facts.birth_date = ReadText(dataset, DCM_PatientBirthDate).value_or("");
  facts.study_date = ReadText(dataset, DCM_StudyDate).value_or("");
  facts.age_years = AgeAt(facts.birth_date, facts.study_date);
  if (!facts.age_years) facts.age_years = ParseAge(ReadText(dataset, DCM_PatientAge).value_or(""));
  facts.height_mm = HeightMm(dataset);
  return facts;
}

}  // namespace osteon
