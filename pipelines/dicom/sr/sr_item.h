// SPDX-License-Identifier: GPL-3.0-or-later
// A content tree of a structured report as a plain value, and its encoding (PS3.3 C.17.3).
// Functions return items, so that the code has the structure of the template.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/model/concepts.h"
#include "pipelines/model/geometry.h"

class DcmItem;

namespace osteon {

enum class SrRelation {
  kRoot,
  kContains,
  kConceptMod,
  kObsContext,
  kAcqContext,
  kInferredFrom,
  kSelectedFrom
};
enum class SrType {
  kContainer,
  kText,
  kCode,
  kNum,
  kUidRef,
  kImage,
  kComposite,
  kScoord,
  kScoord3d
};

struct SrItem {
  SrRelation relation = SrRelation::kContains;
  SrType type = SrType::kText;
  Code name;
  std::string text;         // TEXT, UIDREF; NUM: the decimal string that people see.
  double number = 0;        // NUM: the value for programs.
  Code code;                // CODE: the value. NUM: the unit.
  std::string template_id;  // CONTAINER: "1411". Empty: none.

  // IMAGE and COMPOSITE.
  std::string sop_class_uid, sop_instance_uid;
  int frame = 0;              // 0: the whole instance.
  std::uint16_t segment = 0;  // 0: none.

  // SCOORD: column, row pairs. SCOORD3D: x, y, z triples, LPS mm. One point is POINT, more are
  // POLYLINE.
  std::vector<double> coordinates;
  std::string frame_of_reference_uid;

  std::vector<SrItem> children;
};

SrItem SrContainer(SrRelation relation, Code name, std::string template_id = {});
SrItem SrText(SrRelation relation, Code name, std::string text);
SrItem SrCode(SrRelation relation, Code name, Code value);
SrItem SrUid(SrRelation relation, Code name, std::string uid);
// A quantity that was not measured gets no item, since readers refuse a NUM without a value.
// `shown`: the value rounded to the digits that people need. Programs read Floating Point Value,
// which holds the value of findings.json (PS3.3 C.18.1).
SrItem SrNum(Code name, Code unit, double value, std::string shown);
SrItem SrImage(SrRelation relation, Code name, std::string sop_class_uid,
               std::string sop_instance_uid);

// Writes `root` and all below it into the dataset of an SR object.
void EncodeSrTree(const SrItem& root, DcmItem& dataset);

}  // namespace osteon
