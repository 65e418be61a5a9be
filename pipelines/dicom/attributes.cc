// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/attributes.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace osteon {
namespace {

std::string Trimmed(std::string_view text) {
  constexpr std::string_view kPadding(" \t\r\n\0", 5);
  const auto first = text.find_first_not_of(kPadding);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kPadding) - first + 1));
}

std::optional<double> ParseNumber(std::string_view text) {
  std::string trimmed = Trimmed(text);
  std::string_view digits = trimmed;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// The length of the UTF-8 character at the start, 0 when it is not one.
std::size_t Utf8Length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (length == 0 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t n = 1; n < length; ++n) {
    if ((static_cast<unsigned char>(text[n]) & 0xC0U) != 0x80U) return 0;
  }
  return length;
}

std::string Printable(std::string_view text, const std::string& character_set) {
  const bool latin1 = character_set == "ISO_IR 100";
  const bool utf8 = character_set == "ISO_IR 192";
  constexpr std::size_t kMaxBytes = 128;
  std::string out;
  while (!text.empty() && out.size() < kMaxBytes) {
    const auto byte = static_cast<unsigned char>(text[0]);
    std::size_t used = 1;
    if (byte >= 0x20 && byte < 0x7F) {
      out += text[0];
    } else if (latin1 && byte >= 0xA0) {
      out += static_cast<char>(0xC0U | (byte >> 6U));
      out += static_cast<char>(0x80U | (byte & 0x3FU));
    } else if (const std::size_t length = utf8 ? Utf8Length(text) : 0; length > 0) {
      out += text.substr(0, length);
      used = length;
    } else {
      out += '?';
    }
    text.remove_prefix(used);
  }
  return out;
}

}  // namespace

std::optional<std::string> ReadText(DcmItem& item, const DcmTagKey& tag) {
  OFString value;
  if (item.findAndGetOFStringArray(tag, value).bad()) return std::nullopt;
  std::string text = Trimmed({value.c_str(), value.size()});
  if (text.empty()) return std::nullopt;
  return text;
}

std::optional<std::string> ReadPrintable(DcmItem& item, const DcmTagKey& tag,
                                         const std::string& character_set) {
  const auto text = ReadText(item, tag);
  if (!text) return std::nullopt;
  return Printable(*text, character_set);
}

std::optional<double> ReadNumber(DcmItem& item, const DcmTagKey& tag, unsigned long index) {
  OFString value;
  if (item.findAndGetOFString(tag, value, index).bad()) return std::nullopt;
  return ParseNumber({value.c_str(), value.size()});
}

std::vector<double> ReadNumbers(DcmItem& item, const DcmTagKey& tag) {
  DcmElement* element = nullptr;
  if (item.findAndGetElement(tag, element).bad() || element == nullptr) return {};
  constexpr unsigned long kMostValues = 64;  // No attribute read here has more than six.
  std::vector<double> numbers;
  for (unsigned long n = 0; n < std::min(element->getNumberOfValues(), kMostValues); ++n) {
    const auto number = ReadNumber(item, tag, n);
    if (!number) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

std::optional<int> ReadInt(DcmItem& item, const DcmTagKey& tag) {
  const auto number = ReadNumber(item, tag);
  if (!number || *number != std::floor(*number)) return std::nullopt;
  if (std::abs(*number) > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(*number);
}

DcmItem* FirstItem(DcmItem& item, const DcmTagKey& sequence) {
  DcmItem* first = nullptr;
  return item.findAndGetSequenceItem(sequence, first, 0).good() ? first : nullptr;
}

FrameAttributes::FrameAttributes(DcmItem& dataset, unsigned long frame) {
  const DcmTagKey philips_frame(0x2005, 0x140F);
  DcmItem* shared = FirstItem(dataset, DCM_SharedFunctionalGroupsSequence);
  DcmSequenceOfItems* frames = nullptr;
  DcmItem* own = nullptr;
  if (dataset.tagExists(DCM_PerFrameFunctionalGroupsSequence)) {
    // It may be there and be no sequence.
    dataset.findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, frames);
    own = frames != nullptr ? frames->getItem(frame) : nullptr;
    frame_is_missing_ = own == nullptr;
  }
  for (DcmItem* group : {own, shared}) {
    if (group != nullptr) groups_.push_back(group);
  }
  const auto add_flat = [&](DcmItem* holder, const DcmTagKey& sequence) {
    DcmItem* item = holder != nullptr ? FirstItem(*holder, sequence) : nullptr;
    if (item != nullptr) flat_.push_back(item);
  };
  add_flat(own, DCM_UnassignedPerFrameConvertedAttributesSequence);
  add_flat(shared, DCM_UnassignedSharedConvertedAttributesSequence);
  add_flat(own, philips_frame);
  flat_.push_back(&dataset);
}

DcmItem* FrameAttributes::Holder(const DcmTagKey& group, const DcmTagKey& tag) const {
  for (DcmItem* groups : groups_) {
    DcmItem* item = FirstItem(*groups, group);
    if (item != nullptr && item->tagExistsWithValue(tag)) return item;
  }
  for (DcmItem* item : flat_) {
    if (item->tagExistsWithValue(tag)) return item;
  }
  return nullptr;
}

std::optional<std::string> FrameAttributes::Text(const DcmTagKey& group,
                                                 const DcmTagKey& tag) const {
  DcmItem* item = Holder(group, tag);
  return item != nullptr ? ReadText(*item, tag) : std::nullopt;
}

std::optional<double> FrameAttributes::Number(const DcmTagKey& group, const DcmTagKey& tag) const {
  DcmItem* item = Holder(group, tag);
  return item != nullptr ? ReadNumber(*item, tag) : std::nullopt;
}

std::vector<double> FrameAttributes::Numbers(const DcmTagKey& group, const DcmTagKey& tag) const {
  DcmItem* item = Holder(group, tag);
  return item != nullptr ? ReadNumbers(*item, tag) : std::vector<double>{};
}

}  // namespace osteon
