// SPDX-License-Identifier: GPL-3.0-or-later
// Repairs attributes of a source file for our objects: text becomes UTF-8, every value valid for
// its value representation (PS3.5 table 6.2-1). Repairs are reported by attribute, never by
// content. Only for .cc files of pipelines/dicom, since it shows DCMTK.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dctk.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "pipelines/dicom/dataset/character_set.h"
#include "pipelines/model/run_context.h"

namespace osteon {

// Attributes by name and tag: "Patient Name (0010,0010)".
struct SourceRepairs {
  std::map<std::string, std::set<std::string>>
      read_as;                      // Key: the character set that the text was read in.
  std::set<std::string> shortened;  // Description or name, cut to the length its VR allows.
  std::set<std::string> left_out;   // A value that its VR does not allow.
  bool misspelt_set = false;        // The set is misspelt, and text depends on it.
};

// "Patient Name (0010,0010)"
std::string AttributeName(const DcmTagKey& tag);

// Repairs all elements of `item`, also in its sequences:
//   text           is converted to UTF-8, control characters to spaces, and cut between characters
//                  to the length that its VR allows. Specific Character Set of a sequence item is
//                  used, then removed.
//   identifiers    (names that end in ID or Number, issuers) are left out when too long: a part of
//                  one could be another identifier. Patient ID and UIDs are never changed.
//   dates, times   in old forms ("2026.03.12", "10:15") are rewritten, invalid ones left out.
//   codes, numbers get upper case and a decimal point; those that are still invalid are left out.
//   sequences      are left out when a part of them is, or when a coded entry is incomplete.
void RepairItem(DcmItem& item, const CharacterSets& sets, SourceRepairs& repairs);

// "source_text_guessed", "source_value_shortened", "source_value_left_out".
std::vector<Caveat> CaveatsOf(const SourceRepairs& repairs);

}  // namespace osteon
