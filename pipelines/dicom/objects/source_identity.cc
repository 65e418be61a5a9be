// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/objects/source_identity.h"

#include <array>
#include <vector>

#include "pipelines/dicom/objects/result_object.h"
#include "pipelines/dicom/objects/source_modules.h"

namespace osteon {
namespace {

std::vector<std::string> Split(std::string_view text, char at) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == at)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  for (std::string& part : parts) {
    while (part.ends_with(' ')) part.pop_back();
    part.erase(0, part.find_first_not_of(' '));
  }
  return parts;
}

std::string Joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) {
    if (!part.empty()) text += (text.empty() ? "" : std::string(between)) + part;
  }
  return text;
}

// family^given^middle^prefix^suffix
std::string Western(std::string_view group) {
  std::vector<std::string> c = Split(group, '^');
  c.resize(5);
  return Joined({c[0], Joined({c[1], c[2]}, " "), c[3], c[4]}, ", ");
}

std::string Eastern(std::string_view group) { return Joined(Split(group, '^'), " "); }

}  // namespace

std::string DisplayName(std::string_view person_name) {
  std::vector<std::string> groups = Split(person_name, '=');
  groups.resize(3);
  std::string alphabetic = Western(groups[0]), ideographic = Eastern(groups[1]);
  if (!alphabetic.empty() && !ideographic.empty()) return alphabetic + " (" + ideographic + ")";
  if (!alphabetic.empty()) return alphabetic;
  return ideographic.empty() ? Eastern(groups[2]) : ideographic;
}

Result<SourceIdentity> ReadSourceIdentity(const AnalysedStudy& analysed) {
  Result<FrameSource> reference = ReferenceInstance(analysed);
  if (!reference) return std::move(reference).error();
  Result<SourceModules> source =
      ReadSourceModules(reference->path, analysed.study.study_instance_uid);
  if (!source) return std::move(source).error();
  const auto text = [&](const DcmTagKey& tag) {
    OFString value;
    if (source->patient_and_study->findAndGetOFStringArray(tag, value).bad()) return std::string();
    return Split(value.c_str(), '\\').front();
  };
  return SourceIdentity{.name = DisplayName(text(DCM_PatientName)),
                        .patient_id = text(DCM_PatientID),
                        .birth_date = text(DCM_PatientBirthDate),
                        .sex = text(DCM_PatientSex),
                        .accession_number = text(DCM_AccessionNumber)};
}

}  // namespace osteon
