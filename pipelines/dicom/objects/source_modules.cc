// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/objects/source_modules.h"

#include <fmt/core.h>

#include <array>

#include "pipelines/dicom/dataset/attributes.h"
#include "pipelines/dicom/dataset/builder.h"
#include "pipelines/dicom/dataset/decode_text.h"
#include "pipelines/dicom/dataset/dicom_file.h"
#include "pipelines/dicom/objects/source_repair.h"

namespace osteon {
namespace {

// The modules of PS3.3 C.7.1.1, C.7.2.1, C.7.2.2, and the time zone.
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

std::string AllValues(DcmItem& item, const DcmTagKey& tag) {
  OFString value;
  if (item.findAndGetOFStringArray(tag, value).bad()) return {};
  return value.c_str();
}

// Date and time of the same event: the first pair of which both are present, else the first date.
void ReadDateTime(DcmItem& item, SourceModules& modules) {
  const std::array<std::pair<DcmTagKey, DcmTagKey>, 4> sources = {
      {{DCM_AcquisitionDate, DCM_AcquisitionTime},
       {DCM_SeriesDate, DCM_SeriesTime},
       {DCM_ContentDate, DCM_ContentTime},
       {DCM_StudyDate, DCM_StudyTime}}};
  for (const auto& [date_tag, time_tag] : sources) {
    const std::string date = DateOf(TextOf(item, date_tag));
    const std::string time = TimeOf(TextOf(item, time_tag));
    if (date.empty() || (time.empty() && !modules.date.empty())) continue;
    modules.date = date;
    modules.time = time;
    if (!time.empty()) return;
  }
}

// PS3.3 C.17.2.1: the order that the SR fulfils.
void CopyRequests(DcmItem& from, const CharacterSets& sets, SourceRepairs& repairs, DcmItem& to) {
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
    RepairItem(item, sets, repairs);
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

constexpr const char* kCorrect = ": correct the study in the archive";

Status CheckModules(DcmItem& item, const std::string& file, const std::string& study_uid) {
  if (!item.tagExists(DCM_PatientID) && !item.tagExists(DCM_PatientName)) {
    return InvalidInput(file +
                        ": Patient module missing: no Patient ID (0010,0020) and no Patient's "
                        "Name (0010,0010)");
  }
  const std::string uid = ReadText(item, DCM_StudyInstanceUID).value_or("");
  if (uid.empty()) {
    return InvalidInput(file + ": General Study module missing: no Study Instance UID (0020,000D)");
  }
  if (uid != study_uid) {
    return InvalidInput(file + ": General Study module: Study Instance UID is " + uid + ", not " +
                        study_uid);
  }
  return {};
}

// A part of an ID could be another patient's, so it cannot be repaired.
Status CheckPatientId(DcmItem& copy, const std::string& file) {
  const std::string id = TextOf(copy, DCM_PatientID);
  constexpr std::size_t kMost = 64;  // LO
  if (CharacterCount(id) > kMost) {
    return InvalidInput(
        fmt::format("{}: Patient ID (0010,0020) has {} characters where DICOM allows 64{}", file,
                    CharacterCount(id), kCorrect));
  }
  if (AllValues(copy, DCM_PatientID).find('\\') != std::string::npos)
    return InvalidInput(file + ": Patient ID (0010,0020) has several values" + kCorrect);
  return {};
}

}  // namespace

Result<SourceModules> ReadSourceModules(const std::filesystem::path& path,
                                        const std::string& study_instance_uid) {
  const std::string file = path.filename().string();
  DcmFileFormat format;
  // Stops before the pixel data and the functional groups of an enhanced object.
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
  const CharacterSets sets = ReadCharacterSets(AllValues(from, DCM_SpecificCharacterSet));
  SourceRepairs repairs;
  for (const DcmTagKey& tag : kCopied) CopyElement(from, tag, *modules.patient_and_study);
  RepairItem(*modules.patient_and_study, sets, repairs);
  if (Status checked = CheckPatientId(*modules.patient_and_study, file); !checked) {
    return std::move(checked).error();
  }
  CopyRequests(from, sets, repairs, *modules.requests);
  ReadDateTime(from, modules);
  DcmDataset indicator;
  CopyElement(from, DCM_PositionReferenceIndicator, indicator);
  RepairItem(indicator, sets, repairs);
  modules.position_reference_indicator = TextOf(indicator, DCM_PositionReferenceIndicator);
  modules.caveats = CaveatsOf(repairs);
  return modules;
}

void PutPatientAndStudy(DcmItem& item, const SourceModules& source) {
  Put(item, DCM_SpecificCharacterSet, "ISO_IR 192");
  for (unsigned long n = 0; n < source.patient_and_study->card(); ++n) {
    DcmElement* element = source.patient_and_study->getElement(n);
    Check(item.insert(OFstatic_cast(DcmElement*, element->clone()), OFTrue).good(),
          "cannot copy a source attribute");
  }
  // Type 2 attributes of both modules: present, though they may be empty.
  for (const DcmTagKey& tag :
       {DCM_PatientName, DCM_PatientID, DCM_PatientBirthDate, DCM_PatientSex, DCM_StudyDate,
        DCM_StudyTime, DCM_StudyID, DCM_AccessionNumber, DCM_ReferringPhysicianName}) {
    if (!item.tagExists(tag)) Put(item, tag, "");
  }
}

}  // namespace osteon
