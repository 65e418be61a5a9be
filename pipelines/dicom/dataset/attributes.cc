// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/dataset/attributes.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "pipelines/dicom/dataset/decode_text.h"

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

// Replaces line breaks by spaces; cuts between characters.
std::string OneLine(std::string text, std::size_t most_bytes) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  std::size_t end = std::min(text.size(), most_bytes);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  text.resize(end);
  return text;
}

bool AllDigits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

int TwoDigits(std::string_view text, std::size_t at) {
  return 10 * (text[at] - '0') + (text[at + 1] - '0');
}

// The number in a value that a transfer without dictionary left as bytes (UN, OB, OW): text, or by
// its length an unsigned short, float or double. UN is little endian in every transfer syntax
// (PS3.5 section 6.2.2).
std::optional<double> NumberOfBytes(DcmElement& element) {
  Uint16* words = nullptr;
  if (element.getUint16Array(words).good() && words != nullptr && element.getLength() == 2) {
    return *words;
  }
  Uint8* bytes = nullptr;
  if (element.getUint8Array(bytes).bad() || bytes == nullptr) return std::nullopt;
  const auto text = ParseNumber({reinterpret_cast<const char*>(bytes), element.getLength()});
  if (text) return text;
  const auto from_bytes = [&](auto value) {
    std::memcpy(&value, bytes, sizeof value);
    return static_cast<double>(value);
  };
  if (element.getLength() == sizeof(Uint16)) return from_bytes(Uint16{0});
  if (element.getLength() == sizeof(float)) return from_bytes(0.0F);
  if (element.getLength() == sizeof(double)) return from_bytes(0.0);
  return std::nullopt;
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
  constexpr std::size_t kMostBytes = 128;
  return OneLine(DecodeText(*text, ReadCharacterSets(character_set)).utf8, kMostBytes);
}

std::optional<double> ReadNumber(DcmItem& item, const DcmTagKey& tag, unsigned long index) {
  DcmElement* element = nullptr;
  if (item.findAndGetElement(tag, element).bad() || element == nullptr) return std::nullopt;
  // DCMTK would return bytes as hexadecimal text.
  if (dynamic_cast<DcmOtherByteOtherWord*>(element) != nullptr) {
    return index == 0 ? NumberOfBytes(*element) : std::nullopt;
  }
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

std::string DateOf(std::string_view text) {
  std::string date = Trimmed(text);
  const bool separated = date.size() == 10 && date[4] == date[7] &&
                         (date[4] == '.' || date[4] == '-' || date[4] == '/');
  if (separated) date = date.substr(0, 4) + date.substr(5, 2) + date.substr(8, 2);
  if (date.size() != 8 || !AllDigits(date) || date.starts_with("0000")) return {};
  const int month = TwoDigits(date, 4), day = TwoDigits(date, 6);
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 ? date : std::string();
}

std::string TimeOf(std::string_view text) {
  std::string time = Trimmed(text);
  if (time.size() > 2 && time[2] == ':') std::erase(time, ':');
  const std::size_t whole = std::min(time.find('.'), time.size());
  const std::string_view fraction = std::string_view(time).substr(whole);
  if ((whole != 2 && whole != 4 && whole != 6) ||
      !AllDigits(std::string_view(time).substr(0, whole)))
    return {};
  if (TwoDigits(time, 0) > 23 || (whole > 2 && TwoDigits(time, 2) > 59) ||
      (whole > 4 && TwoDigits(time, 4) > 60)) {
    return {};
  }
  if (fraction.empty()) return time;
  if (whole != 6 || fraction.size() < 2 || !AllDigits(fraction.substr(1))) return {};
  return time.substr(0, 13);  // Six digits of a second.
}

std::optional<double> ReadPrivateNumber(DcmItem& item, Uint16 group, const std::string& creator,
                                        Uint16 element) {
  for (Uint16 block = 0x10; block <= 0xFF; ++block) {
    const DcmTagKey owner(group, block);
    if (!item.tagExists(owner) || ReadText(item, owner) != creator) continue;
    const DcmTagKey tag(group, static_cast<Uint16>(block << 8U | element));
    if (const auto number = ReadNumber(item, tag)) return number;
  }
  return std::nullopt;
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
    // The element may be present without being a sequence.
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

std::optional<double> FrameAttributes::PrivateNumber(Uint16 group, const std::string& creator,
                                                     Uint16 element) const {
  for (DcmItem* item : flat_) {
    if (const auto number = ReadPrivateNumber(*item, group, creator, element)) return number;
  }
  return std::nullopt;
}

std::vector<DcmItem*> FrameAttributes::Items(const DcmTagKey& sequence) const {
  std::vector<DcmItem*> holders = groups_;
  holders.insert(holders.end(), flat_.begin(), flat_.end());
  std::vector<DcmItem*> items;
  for (DcmItem* holder : holders) {
    DcmSequenceOfItems* found = nullptr;
    if (holder->findAndGetSequence(sequence, found).bad() || found == nullptr) continue;
    for (unsigned long n = 0; n < found->card(); ++n) items.push_back(found->getItem(n));
  }
  return items;
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
