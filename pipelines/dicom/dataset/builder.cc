// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/dataset/builder.h"

#include <dcmtk/dcmdata/dcostrmb.h>

#include <memory>

#include "pipelines/base/uid.h"
#include "pipelines/base/version.h"
#include "pipelines/model/decimal.h"

namespace osteon {
namespace {

void CheckGood(const OFCondition& condition) { Check(condition.good(), condition.text()); }

std::unique_ptr<DcmMetaInfo> MetaInfo(const std::string& sop_class, const std::string& instance) {
  auto meta = std::make_unique<DcmMetaInfo>();
  PutBytes(*meta, DCM_FileMetaInformationVersion, EVR_OB, std::string_view("\0\1", 2));
  Put(*meta, DCM_MediaStorageSOPClassUID, sop_class);
  Put(*meta, DCM_MediaStorageSOPInstanceUID, instance);
  Put(*meta, DCM_TransferSyntaxUID, UID_LittleEndianExplicitTransferSyntax);
  Put(*meta, DCM_ImplementationClassUID, DeriveUid("osteon", "implementation"));
  Put(*meta, DCM_ImplementationVersionName, kImplementationVersionName);
  return meta;
}

}  // namespace

void Put(DcmItem& item, const DcmTagKey& tag, std::string_view text) {
  CheckGood(item.putAndInsertOFStringArray(tag, OFString(text.data(), text.size())));
}

void PutUs(DcmItem& item, const DcmTagKey& tag, std::initializer_list<std::uint16_t> values) {
  CheckGood(item.putAndInsertUint16Array(tag, values.begin(), values.size()));
}

void PutUl(DcmItem& item, const DcmTagKey& tag, const std::vector<std::uint32_t>& values) {
  auto element = std::make_unique<DcmUnsignedLong>(tag);
  CheckGood(element->putUint32Array(values.data(), values.size()));
  CheckGood(item.insert(element.release(), OFTrue));
}

void PutDecimals(DcmItem& item, const DcmTagKey& tag, std::initializer_list<double> values) {
  std::string text;
  for (double v : values) text += (text.empty() ? "" : "\\") + PreciseDecimalText(v);
  Put(item, tag, text);
}

void PutFloats(DcmItem& item, const DcmTagKey& tag, const std::vector<double>& values) {
  std::vector<Float32> floats;
  floats.reserve(values.size());
  for (double v : values) floats.push_back(static_cast<Float32>(v));
  auto element = std::make_unique<DcmFloatingPointSingle>(tag);
  CheckGood(element->putFloat32Array(floats.data(), floats.size()));
  CheckGood(item.insert(element.release(), OFTrue));
}

void PutDouble(DcmItem& item, const DcmTagKey& tag, double value) {
  CheckGood(item.putAndInsertFloat64(tag, value));
}

void PutBytes(DcmItem& item, const DcmTagKey& tag, DcmEVR vr, std::string_view bytes) {
  auto element = std::make_unique<DcmOtherByteOtherWord>(DcmTag(tag, vr));
  std::string padded(bytes);
  if (padded.size() % 2 != 0) padded.push_back('\0');
  CheckGood(element->putUint8Array(reinterpret_cast<const Uint8*>(padded.data()), padded.size()));
  CheckGood(item.insert(element.release(), OFTrue));
}

DcmItem& AddItem(DcmItem& item, const DcmTagKey& sequence) {
  DcmItem* added = nullptr;
  CheckGood(item.findOrCreateSequenceItem(sequence, added, -2));  // -2: append.
  return *added;
}

DcmItem& AddCode(DcmItem& item, const DcmTagKey& sequence, const Code& code) {
  DcmItem& added = AddItem(item, sequence);
  Put(added, DCM_CodeValue, code.value);
  Put(added, DCM_CodingSchemeDesignator, code.scheme);
  Put(added, DCM_CodeMeaning, Shortened(code.meaning, 64));
  return added;
}

std::string Shortened(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  std::size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end));
}

Result<std::string> ToPart10(DcmDataset& dataset, std::string_view pixels) {
  OFString sop_class, instance;
  CheckGood(dataset.findAndGetOFString(DCM_SOPClassUID, sop_class));
  CheckGood(dataset.findAndGetOFString(DCM_SOPInstanceUID, instance));
  const auto meta = MetaInfo(sop_class.c_str(), instance.c_str());

  const E_TransferSyntax syntax = EXS_LittleEndianExplicit;
  // The group length of the meta information, then both parts; 132 bytes of preamble and prefix
  // come first.
  const Uint32 meta_bytes = meta->calcElementLength(syntax, EET_ExplicitLength);
  CheckGood(meta->putAndInsertUint32(DCM_FileMetaInformationGroupLength,
                                     meta->getLength(syntax, EET_ExplicitLength)));
  const std::size_t capacity =
      1024 + meta_bytes + 64 + dataset.calcElementLength(syntax, EET_ExplicitLength);
  std::string bytes(capacity, '\0');
  DcmOutputBufferStream stream(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  meta->transferInit();
  dataset.transferInit();
  OFCondition written = meta->write(stream, syntax, EET_ExplicitLength, nullptr);
  if (written.good()) written = dataset.write(stream, syntax, EET_ExplicitLength, nullptr);
  meta->transferEnd();
  dataset.transferEnd();
  if (written.bad()) return Internal(std::string("cannot write DICOM object: ") + written.text());

  void* start = nullptr;
  offile_off_t used = 0;
  stream.flushBuffer(start, used);
  bytes.resize(static_cast<std::size_t>(used));
  if (!pixels.empty()) AppendPixels(bytes, pixels);
  return bytes;
}

void AppendPixels(std::string& file, std::string_view pixels) {
  const std::size_t odd = pixels.size() % 2;
  const auto length = static_cast<std::uint32_t>(pixels.size() + odd);
  std::string head("\xE0\x7F\x10\x00OB\0\0", 8);
  for (unsigned shift = 0; shift < 32; shift += 8)
    head.push_back(static_cast<char>(length >> shift & 0xFF));
  file.reserve(file.size() + head.size() + length);
  // Explicit VR Little Endian, with an even length (PS3.5 7.1.2).
  file.append(head).append(pixels).append(odd, '\0');
}

}  // namespace osteon
