// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/patient_size.h"

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

std::optional<double> AgeYears(const std::string& birth_date, const std::string& study_date,
                               const std::string& patient_age) {
  const auto by_dates = AgeAt(birth_date, study_date);
  return by_dates ? by_dates : ParseAge(patient_age);
}

std::optional<double> HeightMm(std::optional<double> size) {
  if (!size) return std::nullopt;
  if (*size >= 0.3 && *size <= 2.5) return *size * 1000;
  if (*size >= 30 && *size <= 250) return *size * 10;
  return std::nullopt;
}

}  // namespace osteon
