// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/prior/sr_reader.h"

#include "pipelines/dicom/dataset/attributes.h"
#include "pipelines/dicom/dataset/decode_text.h"
#include "pipelines/dicom/dataset/dicom_file.h"

namespace osteon {
namespace {

constexpr int kDeepest = 32, kMostItems = 200'000;

std::string Text(DcmItem& item, const DcmTagKey& tag) { return ReadText(item, tag).value_or(""); }

// Code Value, or its long or URN form (PS3.3 section 8.8).
std::string CodeValueOf(DcmItem* coded) {
  if (!coded) return {};
  for (const DcmTagKey& tag : {DCM_CodeValue, DCM_LongCodeValue, DCM_URNCodeValue}) {
    if (auto value = ReadText(*coded, tag)) return *value;
  }
  return {};
}

void ReadValue(DcmItem& item, SrNode& node) {
  if (node.value_type == "TEXT") node.text = Text(item, DCM_TextValue);
  if (node.value_type == "UIDREF") node.text = Text(item, DCM_UID);
  if (node.value_type == "CODE")
    node.code_value = CodeValueOf(FirstItem(item, DCM_ConceptCodeSequence));
  if (node.value_type == "SCOORD" || node.value_type == "SCOORD3D") {
    node.coordinates = ReadNumbers(item, DCM_GraphicData);
    node.frame_of_reference_uid = Text(item, DCM_ReferencedFrameOfReferenceUID);
  }
  if (node.value_type != "NUM") return;
  if (DcmItem* measured = FirstItem(item, DCM_MeasuredValueSequence)) {
    node.number = ReadNumber(*measured, DCM_FloatingPointValue);
    if (!node.number) node.number = ReadNumber(*measured, DCM_NumericValue);
    node.code_value = CodeValueOf(FirstItem(*measured, DCM_MeasurementUnitsCodeSequence));
  } else {
    node.code_value = CodeValueOf(FirstItem(item, DCM_NumericValueQualifierCodeSequence));
  }
}

// False when the tree is deeper or larger than the limits.
bool ReadTree(DcmItem& item, int depth, int& budget, SrNode& node) {
  if (depth > kDeepest || --budget < 0) return false;
  node.value_type = Text(item, DCM_ValueType);
  if (DcmItem* name = FirstItem(item, DCM_ConceptNameCodeSequence)) {
    node.name_value = CodeValueOf(name);
    node.name_scheme = Text(*name, DCM_CodingSchemeDesignator);
  }
  ReadValue(item, node);
  DcmSequenceOfItems* content = nullptr;
  if (item.findAndGetSequence(DCM_ContentSequence, content).bad() || !content) return true;
  for (unsigned long n = 0; n < content->card(); ++n) {
    node.children.emplace_back();
    if (!ReadTree(*content->getItem(n), depth + 1, budget, node.children.back())) return false;
  }
  return true;
}

PatientIdentity PatientOf(DcmItem& dataset) {
  const CharacterSets sets = ReadCharacterSets(Text(dataset, DCM_SpecificCharacterSet));
  const auto text = [&](DcmItem& item, const DcmTagKey& tag) {
    return DecodeText(Text(item, tag), sets).utf8;
  };
  PatientIdentity patient;
  patient.id = text(dataset, DCM_PatientID);
  patient.issuer = text(dataset, DCM_IssuerOfPatientID);
  if (DcmItem* qualifiers = FirstItem(dataset, DCM_IssuerOfPatientIDQualifiersSequence)) {
    const std::string entity = text(*qualifiers, DCM_UniversalEntityID);
    if (!entity.empty()) patient.issuer = entity;
  }
  patient.name = text(dataset, DCM_PatientName);
  patient.birth_date = DateOf(Text(dataset, DCM_PatientBirthDate));
  patient.sex = Text(dataset, DCM_PatientSex);
  return patient;
}

bool IsSrClass(const std::string& uid) { return uid.rfind("1.2.840.10008.5.1.4.1.1.88.", 0) == 0; }

}  // namespace

const SrNode* SrNode::Child(const Code& name) const {
  for (const SrNode& child : children) {
    if (child.name_value == name.value && child.name_scheme == name.scheme) return &child;
  }
  return nullptr;
}

std::string SrNode::TextOf(const Code& name) const {
  const SrNode* child = Child(name);
  return child ? child->text : std::string();
}

std::optional<SrFile> ReadSrFile(const std::filesystem::path& path) {
  // First only the SOP class, from the start of the file: a folder of priors may contain large
  // images.
  DcmFileFormat head;
  if (LoadDicomFile(head, path, DCM_MaxReadLength, DCM_SOPInstanceUID).bad() ||
      !IsSrClass(Text(*head.getDataset(), DCM_SOPClassUID))) {
    return std::nullopt;
  }
  DcmFileFormat file;
  if (LoadDicomFile(file, path).bad()) return std::nullopt;
  DcmDataset& d = *file.getDataset();
  SrFile out;
  out.sop_class_uid = Text(d, DCM_SOPClassUID);
  out.sop_instance_uid = Text(d, DCM_SOPInstanceUID);
  out.study_instance_uid = Text(d, DCM_StudyInstanceUID);
  out.series_instance_uid = Text(d, DCM_SeriesInstanceUID);
  out.study_date = DateOf(Text(d, DCM_StudyDate));
  out.content_date = Text(d, DCM_ContentDate);
  out.content_time = Text(d, DCM_ContentTime);
  out.manufacturer = Text(d, DCM_Manufacturer);
  out.model_name = Text(d, DCM_ManufacturerModelName);
  out.software_versions = Text(d, DCM_SoftwareVersions);
  out.patient = PatientOf(d);
  int budget = kMostItems;
  if (!ReadTree(d, 0, budget, out.root)) return std::nullopt;
  return out;
}

std::optional<PatientIdentity> ReadFilePatient(const std::filesystem::path& path) {
  DcmFileFormat file;
  if (LoadDicomFile(file, path, DCM_MaxReadLength, DCM_OtherPatientNames).bad())
    return std::nullopt;
  return PatientOf(*file.getDataset());
}

}  // namespace osteon
