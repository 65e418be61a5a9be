// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/source_modules.h"

#include <array>

#include "pipelines/dicom/builder.h"
#include "pipelines/dicom/dicom_file.h"
#include "pipelines/dicom/japanese_text.h"

namespace osteon {
namespace {

// PS3.3 C.7.1.1, C.7.2.1, C.7.2.2, and the clock the times are in.
const std::array kCopied = {
    DCM_PatientName, DCM_PatientID, DCM_IssuerOfPatientID, DCM_IssuerOfPatientIDQualifiersSequence,
    DCM_TypeOfPatientID, DCM_PatientBirthDate, DCM_PatientBirthTime, DCM_PatientSex,
    DCM_RETIRED_OtherPatientIDs, DCM_OtherPatientIDsSequence, DCM_OtherPatientNames,
    DCM_PatientComments, DCM_EthnicGroup, DCM_QualityControlSubject, DCM_PatientIdentityRemoved,
    DCM_DeidentificationMethod, DCM_DeidentificationMethodCodeSequence,
    DCM_ReferencedPatientSequence, DCM_PatientSpeciesDescription, DCM_PatientSpeciesCodeSequence,
    DCM_ResponsiblePerson, DCM_ResponsiblePersonRole, DCM_ResponsibleOrganization,
    //
    DCM_StudyInstanceUID, DCM_StudyDate, DCM_StudyTime, DCM_StudyID, DCM_AccessionNumber,
    DCM_IssuerOfAccessionNumberSequence, DCM_StudyDescription, DCM_ReferringPhysicianName,
    DCM_ReferringPhysicianIdentificationSequence, DCM_ConsultingPhysicianName,
    DCM_ConsultingPhysicianIdentificationSequence, DCM_PhysiciansOfRecord,
    DCM_PhysiciansOfRecordIdentificationSequence, DCM_NameOfPhysiciansReadingStudy,
    DCM_PhysiciansReadingStudyIdentificationSequence, DCM_RequestingServiceCodeSequence,
    DCM_ReferencedStudySequence, DCM_ProcedureCodeSequence,
    DCM_ReasonForPerformedProcedureCodeSequence,
    //
    DCM_AdmittingDiagnosesDescription, DCM_AdmittingDiagnosesCodeSequence, DCM_PatientAge,
    DCM_PatientSize, DCM_PatientWeight, DCM_PatientSizeCodeSequence, DCM_MedicalAlerts,
    DCM_Allergies, DCM_PregnancyStatus, DCM_SmokingStatus, DCM_LastMenstrualDate, DCM_Occupation,
    DCM_PatientState, DCM_AdditionalPatientHistory, DCM_AdmissionID,
    DCM_IssuerOfAdmissionIDSequence, DCM_ServiceEpisodeID, DCM_ServiceEpisodeDescription,
    DCM_IssuerOfServiceEpisodeIDSequence, DCM_PatientSexNeutered,
    //
    DCM_TimezoneOffsetFromUTC};

void CopyElement(DcmItem& from, const DcmTagKey& tag, DcmItem& to) {
  DcmElement* element = nullptr;
  if (from.findAndGetElement(tag, element, OFFalse, OFTrue).bad()) return;
  if (to.insert(element, OFTrue).bad()) delete element;
}

std::string TextOf(DcmItem& item, const DcmTagKey& tag) {
  OFString value;
  if (item.findAndGetOFString(tag, value).bad()) return {};
  return value.c_str();
}

bool IsUtf8(std::string_view text) {
  for (std::size_t n = 0; n < text.size();) {
    const auto lead = static_cast<unsigned char>(text[n]);
    const std::size_t length = lead < 0x80         ? 1
                               : (lead >> 5) == 6  ? 2
                               : (lead >> 4) == 14 ? 3
                               : (lead >> 3) == 30 ? 4
                                                   : 0;
    if (length == 0 || n + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[n + k]) & 0xC0) != 0x80) return false;
    }
    n += length;
  }
  return true;
}

// The character set a file without Specific Character Set is read in. The default repertoire is
// ASCII, but files with other bytes and no declaration are common; those are UTF-8 when they can
// be, else Latin 1.
std::string UndeclaredCharacterSet(DcmItem& item) {
  for (const DcmTagKey& tag : {DCM_PatientName, DCM_StudyDescription, DCM_ReferringPhysicianName}) {
    if (!IsUtf8(TextOf(item, tag))) return "ISO_IR 100";
  }
  return "ISO_IR 192";
}

// A single "ISO 2022 IR 100" has nothing to switch to and means what "ISO_IR 100" does; files with
// it are common.
std::string Normalised(const std::string& declared) {
  constexpr std::string_view kWithExtensions = "ISO 2022 IR ";
  if (!declared.starts_with(kWithExtensions) || declared.find('\\') != std::string::npos) {
    return declared;
  }
  return "ISO_IR " + declared.substr(kWithExtensions.size());
}

bool IsJapanese(const std::string& declared) {
  return declared.find("ISO 2022 IR 87") != std::string::npos ||
         declared.find("ISO 2022 IR 159") != std::string::npos ||
         declared.find("ISO 2022 IR 13") != std::string::npos;
}

// All text below `item`.
Status JapaneseItemToUtf8(DcmItem& item) {
  for (unsigned long n = 0; n < item.card(); ++n) {
    DcmElement* element = item.getElement(n);
    if (auto* sequence = dynamic_cast<DcmSequenceOfItems*>(element)) {
      for (unsigned long k = 0; k < sequence->card(); ++k) {
        if (Status s = JapaneseItemToUtf8(*sequence->getItem(k)); !s) return s;
      }
      continue;
    }
    if (!element->isAffectedBySpecificCharacterSet()) continue;
    char* text = nullptr;
    if (element->getString(text).bad() || text == nullptr) continue;
    Result<std::string> converted = JapaneseToUtf8(text);
    if (!converted) return std::move(converted).error();
    Check(element->putOFStringArray(converted->c_str()).good(), "cannot set text");
  }
  return {};
}

Status Convert(DcmItem& copy, const std::string& character_set) {
  if (character_set == "ISO_IR 192") return {};
  if (IsJapanese(character_set)) return JapaneseItemToUtf8(copy);
  const OFCondition converted = copy.convertCharacterSet(character_set.c_str(), "ISO_IR 192");
  if (converted.bad()) return InvalidInput(converted.text());
  return {};
}

// `copy` becomes UTF-8.
Status ToUtf8(DcmItem& copy, const std::string& declared, const std::string& file) {
  const std::string character_set =
      declared.empty() ? UndeclaredCharacterSet(copy) : Normalised(declared);
  if (Status converted = Convert(copy, character_set); !converted) {
    return std::move(converted).error().During(
        file + ": Patient or Study module is not in its Specific Character Set " + declared);
  }
  return {};
}

std::string AllValues(DcmItem& item, const DcmTagKey& tag) {
  OFString value;
  if (item.findAndGetOFStringArray(tag, value).bad()) return {};
  return value.c_str();
}

void ReadDateTime(DcmItem& item, SourceModules& modules) {
  const std::array<std::pair<DcmTagKey, DcmTagKey>, 4> sources = {
      {{DCM_AcquisitionDate, DCM_AcquisitionTime},
       {DCM_SeriesDate, DCM_SeriesTime},
       {DCM_ContentDate, DCM_ContentTime},
       {DCM_StudyDate, DCM_StudyTime}}};
  modules.date = "19000101";
  modules.time = "000000";
  for (const auto& [date_tag, time_tag] : sources) {
    const std::string date = TextOf(item, date_tag);
    if (date.size() != 8) continue;
    modules.date = date;
    const std::string time = TextOf(item, time_tag);
    if (!time.empty()) modules.time = time;
    return;
  }
}

// PS3.3 C.17.2.1: what the SR says of the order it answers.
void CopyRequests(DcmItem& from, DcmItem& to) {
  for (unsigned long n = 0;; ++n) {
    DcmItem* request = nullptr;
    if (from.findAndGetSequenceItem(DCM_RequestAttributesSequence, request, static_cast<long>(n))
            .bad() ||
        request == nullptr) {
      return;
    }
    DcmItem& item = AddItem(to, DCM_ReferencedRequestSequence);
    for (const DcmTagKey& tag :
         {DCM_StudyInstanceUID, DCM_ReferencedStudySequence, DCM_AccessionNumber,
          DCM_PlacerOrderNumberImagingServiceRequest, DCM_FillerOrderNumberImagingServiceRequest,
          DCM_RequestedProcedureID, DCM_RequestedProcedureDescription,
          DCM_RequestedProcedureCodeSequence}) {
      DcmItem& holder = request->tagExistsWithValue(tag) ? *request : from;
      CopyElement(holder, tag, item);
    }
    for (const DcmTagKey& tag : {DCM_AccessionNumber, DCM_PlacerOrderNumberImagingServiceRequest,
                                 DCM_FillerOrderNumberImagingServiceRequest,
                                 DCM_RequestedProcedureID, DCM_RequestedProcedureDescription}) {
      if (!item.tagExists(tag)) Put(item, tag, "");
    }
    if (!item.tagExists(DCM_ReferencedStudySequence)) {
      item.insertEmptyElement(DCM_ReferencedStudySequence);
    }
    if (!item.tagExists(DCM_RequestedProcedureCodeSequence)) {
      item.insertEmptyElement(DCM_RequestedProcedureCodeSequence);
    }
  }
}

Status CheckModules(DcmItem& item, const std::string& file, const std::string& study_uid) {
  if (!item.tagExists(DCM_PatientID) && !item.tagExists(DCM_PatientName)) {
    return InvalidInput(file +
                        ": Patient module missing: no Patient ID (0010,0020) and no Patient's "
                        "Name (0010,0010)");
  }
  const std::string uid = TextOf(item, DCM_StudyInstanceUID);
  if (uid.empty()) {
    return InvalidInput(file + ": General Study module missing: no Study Instance UID (0020,000D)");
  }
  if (uid != study_uid) {
    return InvalidInput(file + ": General Study module: Study Instance UID is " + uid + ", not " +
                        study_uid);
  }
  return {};
}

}  // namespace

Result<SourceModules> ReadSourceModules(const std::filesystem::path& path,
                                        const std::string& study_instance_uid) {
  const std::string file = path.filename().string();
  DcmFileFormat format;
  // Up to, not including, the pixel data and the functional groups of an enhanced object.
  const OFCondition loaded =
      LoadDicomFile(format, path, DCM_MaxReadLength, DCM_SharedFunctionalGroupsSequence);
  if (loaded.bad()) return InvalidInput(file + ": " + loaded.text());
  DcmDataset& from = *format.getDataset();
  if (Status checked = CheckModules(from, file, study_instance_uid); !checked) {
    return std::move(checked).error();
  }

  SourceModules modules;
  modules.patient_and_study = std::make_unique<DcmDataset>();
  modules.requests = std::make_unique<DcmDataset>();
  for (const DcmTagKey& tag : kCopied) CopyElement(from, tag, *modules.patient_and_study);
  CopyRequests(from, *modules.requests);
  const std::string charset = AllValues(from, DCM_SpecificCharacterSet);
  for (DcmItem* copy : {static_cast<DcmItem*>(modules.patient_and_study.get()),
                        static_cast<DcmItem*>(modules.requests.get())}) {
    if (Status converted = ToUtf8(*copy, charset, file); !converted) {
      return std::move(converted).error();
    }
  }
  ReadDateTime(from, modules);
  modules.position_reference_indicator = TextOf(from, DCM_PositionReferenceIndicator);
  return modules;
}

void PutPatientAndStudy(DcmItem& item, const SourceModules& source) {
  Put(item, DCM_SpecificCharacterSet, "ISO_IR 192");
  for (unsigned long n = 0; n < source.patient_and_study->card(); ++n) {
    DcmElement* element = source.patient_and_study->getElement(n);
    Check(item.insert(OFstatic_cast(DcmElement*, element->clone()), OFTrue).good(),
          "cannot copy a source attribute");
  }
  // Type 2 of both modules: there, if empty.
  for (const DcmTagKey& tag :
       {DCM_PatientName, DCM_PatientID, DCM_PatientBirthDate, DCM_PatientSex, DCM_StudyDate,
        DCM_StudyTime, DCM_StudyID, DCM_AccessionNumber, DCM_ReferringPhysicianName}) {
    if (!item.tagExists(tag)) Put(item, tag, "");
  }
}

}  // namespace osteon
