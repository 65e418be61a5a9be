// SPDX-License-Identifier: GPL-3.0-or-later
// Reads values of DICOM items. An absent, empty or unreadable value is nullopt, never a default:
// the caller decides what that means. Only for .cc files of pipelines/dicom, since it shows DCMTK.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dctk.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace osteon {

// All values of the element, backslash-separated as in DICOM, padding trimmed. Bytes as in the
// file.
std::optional<std::string> ReadText(DcmItem& item, const DcmTagKey& tag);
// As ReadText, made printable UTF-8 of at most 128 bytes: see DecodeText. `character_set` is
// Specific Character Set (0008,0005), empty when absent.
std::optional<std::string> ReadPrintable(DcmItem& item, const DcmTagKey& tag,
                                         const std::string& character_set);
// The number at `index` of any numeric or number-text VR. Bytes (UN, OB, OW), which a transfer
// without dictionary leaves, are read as one number. May be NaN or infinite when the file says so.
std::optional<double> ReadNumber(DcmItem& item, const DcmTagKey& tag, unsigned long index = 0);
// All of them; empty when absent or when one cannot be read.
std::vector<double> ReadNumbers(DcmItem& item, const DcmTagKey& tag);
// As ReadNumber; nullopt unless it is a whole number in the range of int.
std::optional<int> ReadInt(DcmItem& item, const DcmTagKey& tag);
// YYYYMMDD of a date (PS3.5 DA), also of the old form with dots and of one with dashes; empty when
// it is no date: "XXXXXXXX", "00000000", "20261301".
std::string DateOf(std::string_view text);
// HHMMSS with fraction of a time (PS3.5 TM), as precise as it is, also of the old form with colons.
// Empty when it is no time.
std::string TimeOf(std::string_view text);
// The number of a private element (group,xx`element`), whichever block xx its creator reserved
// (PS3.5 section 7.8.1).
std::optional<double> ReadPrivateNumber(DcmItem& item, Uint16 group, const std::string& creator,
                                        Uint16 element);
// The first item of a sequence, or nullptr.
DcmItem* FirstItem(DcmItem& item, const DcmTagKey& sequence);

// One frame of an object, whatever its kind: an attribute is looked for where enhanced multi-frame
// objects keep it (PS3.3 C.7.6.16: per frame before shared, inside its functional group), where
// legacy-converted ones keep what has no group (C.7.6.16.2.25/26), where Philips keeps its private
// copy (2005,140F), and last in the dataset itself, where classic objects have it.
class FrameAttributes {
 public:
  // REQUIRES: `dataset` outlives this. `frame` counts from 0.
  FrameAttributes(DcmItem& dataset, unsigned long frame);

  // `group` is the functional group's sequence, such as PlanePositionSequence.
  std::optional<std::string> Text(const DcmTagKey& group, const DcmTagKey& tag) const;
  std::optional<double> Number(const DcmTagKey& group, const DcmTagKey& tag) const;
  std::vector<double> Numbers(const DcmTagKey& group, const DcmTagKey& tag) const;

  // As ReadPrivateNumber, in the items that hold attributes directly.
  std::optional<double> PrivateNumber(Uint16 group, const std::string& creator,
                                      Uint16 element) const;

  // All items of a sequence: per frame, shared, or in the dataset.
  std::vector<DcmItem*> Items(const DcmTagKey& sequence) const;

  bool Has(const DcmTagKey& group, const DcmTagKey& tag) const {
    return Holder(group, tag) != nullptr;
  }

  // True for an enhanced object that has no functional groups for this frame.
  bool frame_is_missing() const { return frame_is_missing_; }

 private:
  // The item that holds the tag with a value, or nullptr.
  DcmItem* Holder(const DcmTagKey& group, const DcmTagKey& tag) const;

  std::vector<DcmItem*> groups_;  // Per-frame, then shared; their functional groups are searched.
  std::vector<DcmItem*> flat_;    // Items that hold attributes directly, in order of precedence.
  bool frame_is_missing_ = false;
};

}  // namespace osteon
