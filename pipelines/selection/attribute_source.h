// SPDX-License-Identifier: GPL-3.0-or-later
// Where the attributes of one frame come from: a DICOM file (pipelines/dicom) or Orthanc's JSON of
// it (the plugin). Selection reads frames only through this interface, so that both callers see the
// same values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace osteon {

struct Tag {
  std::uint16_t group = 0, element = 0;
  friend bool operator==(const Tag&, const Tag&) = default;
};

// No functional group: the attribute is looked for in the data set and where converted and private
// objects keep copies of it.
inline constexpr Tag kNoGroup{0xFFFF, 0xFFFF};

// An attribute is looked for where enhanced multi-frame objects keep it (PS3.3 C.7.6.16: per frame
// before shared, inside the functional group `group`), then where legacy-converted ones keep what
// has no group (C.7.6.16.2.25 and 26), in Philips' private per-frame copy (2005,140F), and last in
// the data set, where classic objects have it.
class AttributeSource {
 public:
  virtual ~AttributeSource() = default;

  // All values, backslash-separated as in DICOM, padding trimmed. Nothing when absent or empty.
  virtual std::optional<std::string> Text(Tag group, Tag tag) const = 0;
  // Empty when absent or when one of the values is no number.
  virtual std::vector<double> Numbers(Tag group, Tag tag) const = 0;
  // Whether the attribute is present and not empty; also for sequences.
  virtual bool Has(Tag group, Tag tag) const = 0;
};

}  // namespace osteon
