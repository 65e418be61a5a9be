// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/patient_size.h"

namespace osteon {
namespace {

constexpr double kDaysPerYear = 365.25, kDaysPerMonth = 30.4375, kDaysPerWeek = 7;
// Chosen: earlier years of birth and larger ages are placeholders of de-identifiers.
constexpr int kFirstYear = 1850;
constexpr double kMaxAgeYears = 120;
// Age strings have three digits (PS3.5 6.2); a longer number is no age.
constexpr int kMaxAgeCount = 1000;
// Chosen: heights of patients, from preterm infants on, in metres; times 100 in centimetres.
constexpr double kMinHeightM = 0.3, kMaxHeightM = 2.5;
constexpr double kMinHeightCm = 30, kMaxHeightCm = 250;

// PatientAge as PS3.5 writes it: "012Y", "018M", "003W", "010D".
std::optional<double> ParseAge(const std::string& text) {
  if (text.size() < 2) return std::nullopt;
  double days = 0;
  switch (text.back()) {
    case 'Y':
      days = kDaysPerYear;
      break;
    case 'M':
      days = kDaysPerMonth;
      break;
    case 'W':
      days = kDaysPerWeek;
      break;
    case 'D':
      days = 1;
      break;
    default:
      return std::nullopt;
  }
  int count = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9' || count > kMaxAgeCount) return std::nullopt;
    count = 10 * count + (c - '0');
  }
  return count * days / kDaysPerYear;
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
    if (year < kFirstYear || month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
    return kDaysPerYear * year + kDaysPerMonth * (month - 1) + day;
  };
  const auto born = days(birth_date);
  const auto seen = days(study_date);
  if (!born || !seen) return std::nullopt;
  const double years = (*seen - *born) / kDaysPerYear;
  if (years < 0 || years > kMaxAgeYears) return std::nullopt;
  return years;
}

std::optional<double> AgeYears(const std::string& birth_date, const std::string& study_date,
                               const std::string& patient_age) {
  const auto by_dates = AgeAt(birth_date, study_date);
  return by_dates ? by_dates : ParseAge(patient_age);
}

std::optional<double> HeightMm(std::optional<double> size) {
  if (!size) return std::nullopt;
  if (*size >= kMinHeightM && *size <= kMaxHeightM) return *size * 1000;
  if (*size >= kMinHeightCm && *size <= kMaxHeightCm) return *size * 10;
  return std::nullopt;
}

}  // namespace osteon
