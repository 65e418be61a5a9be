// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/sr/sr_item.h"

#include "pipelines/dicom/dataset/builder.h"
#include "pipelines/model/decimal.h"

namespace osteon {
namespace {

const char* Keyword(SrRelation relation) {
  switch (relation) {
    case SrRelation::kRoot:
      return "";
    case SrRelation::kContains:
      return "CONTAINS";
    case SrRelation::kConceptMod:
      return "HAS CONCEPT MOD";
    case SrRelation::kObsContext:
      return "HAS OBS CONTEXT";
    case SrRelation::kAcqContext:
      return "HAS ACQ CONTEXT";
    case SrRelation::kInferredFrom:
      return "INFERRED FROM";
    case SrRelation::kSelectedFrom:
      return "SELECTED FROM";
  }
  return "";
}

const char* Keyword(SrType type) {
  switch (type) {
    case SrType::kContainer:
      return "CONTAINER";
    case SrType::kText:
      return "TEXT";
    case SrType::kCode:
      return "CODE";
    case SrType::kNum:
      return "NUM";
    case SrType::kUidRef:
      return "UIDREF";
    case SrType::kImage:
      return "IMAGE";
    case SrType::kComposite:
      return "COMPOSITE";
    case SrType::kScoord:
      return "SCOORD";
    case SrType::kScoord3d:
      return "SCOORD3D";
  }
  return "";
}

void PutContainer(const SrItem& item, DcmItem& out) {
  Put(out, DCM_ContinuityOfContent, "SEPARATE");
  if (item.template_id.empty()) return;
  DcmItem& content_template = AddItem(out, DCM_ContentTemplateSequence);
  Put(content_template, DCM_MappingResource, "DCMR");
  Put(content_template, DCM_MappingResourceUID, UID_DICOMContentMappingResource);
  Put(content_template, DCM_TemplateIdentifier, item.template_id);
}

void PutNumber(const SrItem& item, DcmItem& out) {
  DcmItem& measured = AddItem(out, DCM_MeasuredValueSequence);
  Put(measured, DCM_NumericValue, item.text);
  PutDouble(measured, DCM_FloatingPointValue, item.number);
  AddCode(measured, DCM_MeasurementUnitsCodeSequence, item.code);
}

void PutReference(const SrItem& item, DcmItem& out) {
  DcmItem& reference = AddItem(out, DCM_ReferencedSOPSequence);
  Put(reference, DCM_ReferencedSOPClassUID, item.sop_class_uid);
  Put(reference, DCM_ReferencedSOPInstanceUID, item.sop_instance_uid);
  if (item.frame > 0) Put(reference, DCM_ReferencedFrameNumber, std::to_string(item.frame));
  if (item.segment > 0) PutUs(reference, DCM_ReferencedSegmentNumber, {item.segment});
}

void PutGraphic(const SrItem& item, std::size_t numbers_per_point, DcmItem& out) {
  Put(out, DCM_GraphicType, item.coordinates.size() == numbers_per_point ? "POINT" : "POLYLINE");
  PutFloats(out, DCM_GraphicData, item.coordinates);
  if (item.type == SrType::kScoord3d) {
    Put(out, DCM_ReferencedFrameOfReferenceUID, item.frame_of_reference_uid);
  }
}

void PutValue(const SrItem& item, DcmItem& out) {
  switch (item.type) {
    case SrType::kContainer:
      return PutContainer(item, out);
    case SrType::kText:
      return Put(out, DCM_TextValue, item.text);
    case SrType::kCode:
      AddCode(out, DCM_ConceptCodeSequence, item.code);
      return;
    case SrType::kNum:
      return PutNumber(item, out);
    case SrType::kUidRef:
      return Put(out, DCM_UID, item.text);
    case SrType::kImage:
    case SrType::kComposite:
      return PutReference(item, out);
    case SrType::kScoord:
      return PutGraphic(item, 2, out);
    case SrType::kScoord3d:
      return PutGraphic(item, 3, out);
  }
}

}  // namespace

SrItem SrContainer(SrRelation relation, Code name, std::string template_id) {
  SrItem item;
  item.relation = relation;
  item.type = SrType::kContainer;
  item.name = name;
  item.template_id = std::move(template_id);
  return item;
}

SrItem SrText(SrRelation relation, Code name, std::string text) {
  SrItem item;
  item.relation = relation;
  item.type = SrType::kText;
  item.name = name;
  item.text = std::move(text);
  return item;
}

SrItem SrCode(SrRelation relation, Code name, Code value) {
  SrItem item;
  item.relation = relation;
  item.type = SrType::kCode;
  item.name = name;
  item.code = value;
  return item;
}

SrItem SrUid(SrRelation relation, Code name, std::string uid) {
  SrItem item = SrText(relation, name, std::move(uid));
  item.type = SrType::kUidRef;
  return item;
}

SrItem SrNum(Code name, Code unit, double value, std::string shown) {
  SrItem item;
  item.relation = SrRelation::kContains;
  item.type = SrType::kNum;
  item.name = name;
  item.code = unit;
  item.text = std::move(shown);
  item.number = RoundedDecimal(value);
  return item;
}

SrItem SrImage(SrRelation relation, Code name, std::string sop_class_uid,
               std::string sop_instance_uid) {
  SrItem item;
  item.relation = relation;
  item.type = SrType::kImage;
  item.name = name;
  item.sop_class_uid = std::move(sop_class_uid);
  item.sop_instance_uid = std::move(sop_instance_uid);
  return item;
}

void EncodeSrTree(const SrItem& root, DcmItem& dataset) {
  if (root.relation != SrRelation::kRoot) {
    Put(dataset, DCM_RelationshipType, Keyword(root.relation));
  }
  Put(dataset, DCM_ValueType, Keyword(root.type));
  // An entry of an image library has no name (TID 1601).
  if (!root.name.value.empty()) AddCode(dataset, DCM_ConceptNameCodeSequence, root.name);
  PutValue(root, dataset);
  for (const SrItem& child : root.children) {
    EncodeSrTree(child, AddItem(dataset, DCM_ContentSequence));
  }
}

}  // namespace osteon
