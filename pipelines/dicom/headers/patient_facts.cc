// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/headers/patient_facts.h"

#include "pipelines/dicom/dataset/attributes.h"
#include "pipelines/selection/patient_size.h"

namespace osteon {

PatientFacts ReadPatientFacts(DcmItem& dataset) {
  PatientFacts facts;
  facts.patient_id = ReadText(dataset, DCM_PatientID).value_or("");
  facts.birth_date = DateOf(ReadText(dataset, DCM_PatientBirthDate).value_or(""));
  facts.study_date = DateOf(ReadText(dataset, DCM_StudyDate).value_or(""));
  facts.age_years =
      AgeYears(facts.birth_date, facts.study_date, ReadText(dataset, DCM_PatientAge).value_or(""));
  facts.height_mm = HeightMm(ReadNumber(dataset, DCM_PatientSize));
  return facts;
}

}  // namespace osteon
