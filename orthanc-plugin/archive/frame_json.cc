// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/archive/frame_json.h"

#include <fmt/core.h>

#include <array>

#include "orthanc-plugin/archive/json.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::json;

constexpr Tag kPerFrameGroups{0x5200, 0x9230};
constexpr Tag kSharedGroups{0x5200, 0x9229};
constexpr Tag kConvertedPerFrame{0x0020, 0x9171};
constexpr Tag kConvertedShared{0x0020, 0x9170};
constexpr Tag kPhilipsFrame{0x2005, 0x140F};
constexpr int kMaxFrames = 20'000;  // As HeaderLimits of pipelines/dicom.

const Json& Value(const Json& item, Tag tag) {
  const std::string key = fmt::format("{:04x},{:04x}", tag.group, tag.element);
  static const Json absent;
  if (!item.is_object()) return absent;
  const auto found = item.find(key);
  return found == item.end() ? absent : *found;
}

// An item of a sequence; null when there is none.
const Json* Item(const Json* holder, Tag sequence, std::size_t n = 0) {
  if (holder == nullptr) return nullptr;
  const Json& items = Value(*holder, sequence);
  return items.is_array() && n < items.size() ? &items[n] : nullptr;
}

bool HasValue(const Json& value) {
  return value.is_string() ? !Trimmed(value.get_ref<const std::string&>()).empty()
                           : value.is_array() && !value.empty();
}

// The order in which pipelines/dicom looks (attribute_source.h).
class JsonAttributes final : public AttributeSource {
 public:
  JsonAttributes(const Json& tags, std::size_t frame) {
    const Json* own = Item(&tags, kPerFrameGroups, frame);
    const Json* shared = Item(&tags, kSharedGroups);
    groups_ = {own, shared};
    flat_ = {Item(own, kConvertedPerFrame), Item(shared, kConvertedShared),
             Item(own, kPhilipsFrame), &tags};
    frame_is_missing_ = HasValue(Value(tags, kPerFrameGroups)) && own == nullptr;
  }

  std::optional<std::string> Text(Tag group, Tag tag) const override {
    const Json& value = Find(group, tag);
    if (!value.is_string()) return std::nullopt;
    std::string text(Trimmed(value.get_ref<const std::string&>()));
    if (text.empty()) return std::nullopt;
    return text;
  }
  std::vector<double> Numbers(Tag group, Tag tag) const override {
    const auto text = Text(group, tag);
    return text ? plugin::Numbers(*text).value_or(std::vector<double>()) : std::vector<double>();
  }
  bool Has(Tag group, Tag tag) const override { return HasValue(Find(group, tag)); }
  bool frame_is_missing() const { return frame_is_missing_; }

 private:
  const Json& Find(Tag group, Tag tag) const {
    for (const Json* groups : groups_) {
      const Json* item = Item(groups, group);
      if (item != nullptr && HasValue(Value(*item, tag))) return Value(*item, tag);
    }
    for (const Json* item : flat_) {
      if (item != nullptr && HasValue(Value(*item, tag))) return Value(*item, tag);
    }
    static const Json absent;
    return absent;
  }

  std::array<const Json*, 2> groups_;
  std::array<const Json*, 4> flat_;
  bool frame_is_missing_ = false;
};

std::size_t FrameCount(const Json& tags) {
  const Json& value = Value(tags, {0x0028, 0x0008});
  if (!value.is_string()) return 1;
  const auto count = Number(value.get_ref<const std::string&>());
  return count && *count >= 1 && *count <= kMaxFrames ? static_cast<std::size_t>(*count) : 1;
}

}  // namespace

InstanceFrames FramesOf(const Json& tags) {
  InstanceFrames out;
  const std::size_t count = FrameCount(tags);
  if (count > 1 && !HasValue(Value(tags, kPerFrameGroups))) {
    out.problem = fmt::format(
        "Number of Frames (0028,0008) is {} but Per-frame Functional Groups Sequence (5200,9230), "
        "which says where each frame lies, is missing",
        count);
    return out;
  }
  for (std::size_t n = 0; n < count; ++n) {
    const JsonAttributes attributes(tags, n);
    if (attributes.frame_is_missing()) {
      out.problem = fmt::format("Per-frame Functional Groups Sequence (5200,9230) ends at {}", n);
      break;
    }
    FrameHeader frame;
    frame.source.sop_class_uid = attributes.Text(kNoGroup, {0x0008, 0x0016}).value_or("");
    frame.source.sop_instance_uid = attributes.Text(kNoGroup, {0x0008, 0x0018}).value_or("");
    frame.source.frame_number = static_cast<int>(n) + 1;
    frame.description = attributes.Text(kNoGroup, {0x0008, 0x103E}).value_or("");
    out.problem = ReadFrame(attributes, frame);
    if (n == 0) out.physics = frame.physics;
    if (!out.problem.empty()) break;
    out.frames.push_back(std::move(frame));
  }
  if (!out.problem.empty()) out.frames.clear();
  return out;
}

}  // namespace osteon::plugin
