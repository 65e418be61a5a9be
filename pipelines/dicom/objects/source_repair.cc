// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/objects/source_repair.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pipelines/base/result.h"
#include "pipelines/dicom/dataset/attributes.h"
#include "pipelines/dicom/dataset/decode_text.h"
#include "pipelines/dicom/objects/value_text.h"

namespace osteon {
namespace {

constexpr std::size_t kAnyLength = SIZE_MAX;

struct TextRule {
  DcmEVR vr;
  std::size_t most_characters;  // Per value; for names per component group.
  bool one_line;
};
constexpr std::array<TextRule, 7> kTextRules = {{{EVR_SH, 16, true},
                                                 {EVR_LO, 64, true},
                                                 {EVR_PN, 64, true},
                                                 {EVR_UC, kAnyLength, true},
                                                 {EVR_ST, 1024, false},
                                                 {EVR_LT, 10240, false},
                                                 {EVR_UT, kAnyLength, false}}};

const TextRule* TextRuleOf(DcmEVR vr) {
  const auto found = std::ranges::find(kTextRules, vr, &TextRule::vr);
  return found == kTextRules.end() ? nullptr : &*found;
}

std::string Keyword(const DcmTagKey& tag) {
  std::string keyword = DcmTag(tag).getTagName();
  constexpr std::string_view kRetired = "RETIRED_";
  if (keyword.starts_with(kRetired)) keyword.erase(0, kRetired.size());
  return keyword;
}

bool IsIdentifier(const DcmTagKey& tag) {
  const std::string keyword = Keyword(tag);
  return keyword.ends_with("ID") || keyword.ends_with("Number") || keyword.starts_with("IssuerOf");
}

std::size_t MostValues(const DcmTagKey& tag) {
  const DcmDataDictionary& dictionary = dcmDataDict.rdlock();
  const DcmDictEntry* entry = dictionary.findEntry(tag, nullptr);
  const int most = entry != nullptr ? entry->getVMMax() : 1;
  dcmDataDict.rdunlock();
  return most < 0 ? kAnyLength : static_cast<std::size_t>(most);
}

// Makes `text` valid for its VR. The result differs from `text` when something was cut.
std::string FitText(const std::string& text, const TextRule& rule, const DcmTagKey& tag) {
  if (!rule.one_line) return FirstCharacters(text, rule.most_characters);
  std::string line = text;
  std::ranges::replace_if(
      line, [](char c) { return c == '\r' || c == '\n' || c == '\f' || c == '\t'; }, ' ');
  const std::size_t most_values = MostValues(tag);
  if (most_values == 1) std::ranges::replace(line, '\\', '/');
  std::vector<std::string> values = Split(line, '\\');
  values.resize(std::min(values.size(), most_values));
  for (std::string& value : values) {
    value = Trimmed(value);
    value = rule.vr == EVR_PN ? FitName(value, rule.most_characters)
                              : FirstCharacters(value, rule.most_characters);
  }
  return Joined(values, '\\');
}

std::string BytesOf(DcmElement& element) {
  char* bytes = nullptr;
  Uint32 length = 0;
  auto* text = dynamic_cast<DcmByteString*>(&element);
  if (text == nullptr || text->getString(bytes, length).bad() || bytes == nullptr) return {};
  std::string value(bytes, length);
  while (!value.empty() && (value.back() == '\0' || value.back() == ' ')) value.pop_back();
  return value;
}

void Set(DcmElement& element, const std::string& text) {
  Check(element.putOFStringArray(OFString(text.data(), text.size())).good(), "cannot set text");
}

// Returns false when the element must be left out.
bool RepairText(DcmElement& element, const TextRule& rule, const CharacterSets& sets,
                SourceRepairs& repairs) {
  const DcmTagKey tag = element.getTag();
  const std::string bytes = BytesOf(element);
  const DecodedText decoded = DecodeText(bytes, sets);
  if (!decoded.read_as.empty()) repairs.read_as[decoded.read_as].insert(AttributeName(tag));
  const bool ascii = std::ranges::all_of(
      bytes, [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\x1B'; });
  repairs.misspelt_set |= sets.misspelt && !ascii;
  // Patient ID is kept: a part of it could be another patient's. CheckPatientId refuses invalid
  // ones.
  const bool kept = tag == DCM_PatientID;
  const std::string fit = kept ? Trimmed(decoded.utf8) : FitText(decoded.utf8, rule, tag);
  if (!kept && CharacterCount(fit) < CharacterCount(Trimmed(decoded.utf8))) {
    if (IsIdentifier(tag)) return false;
    repairs.shortened.insert(AttributeName(tag));
  }
  Set(element, fit);
  return true;
}

std::string FitSex(const std::string& sex) {
  if (sex == "MALE") return "M";
  if (sex == "FEMALE") return "F";
  return sex == "M" || sex == "F" || sex == "O" ? sex : std::string();
}

// For all VRs that are no text. Empty when the value is invalid.
std::string FitValue(const std::string& value, DcmEVR vr, const DcmTagKey& tag) {
  switch (vr) {
    case EVR_DA:
      return DateOf(value);
    case EVR_TM:
      return TimeOf(value);
    case EVR_CS:
      return tag == DCM_PatientSex ? FitSex(Upper(value)) : Upper(value);
    case EVR_AS:
      return Upper(value);
    case EVR_DS: {
      std::string number = value;
      std::ranges::replace(number, ',', '.');
      return WithoutAny(number, " ");
    }
    default:
      return value;
  }
}

// Returns false when the element must be left out.
bool RepairValue(DcmElement& element) {
  const DcmTagKey tag = element.getTag();
  if (element.getLength() == 0) return true;
  if (element.getVR() == EVR_UI) {
    const std::string uid = BytesOf(element);
    return tag == DCM_StudyInstanceUID || (!uid.empty() && uid.size() <= 64);
  }
  if (dynamic_cast<DcmByteString*>(&element) == nullptr) {
    return element.getVR() != EVR_UN;  // UN: the value is not of the VR that the dictionary says.
  }
  std::vector<std::string> values = Split(BytesOf(element), '\\');
  values.resize(std::min(values.size(), MostValues(tag)));
  for (std::string& value : values) {
    value = FitValue(Trimmed(value), element.getVR(), tag);
    if (value.empty()) return false;
  }
  Set(element, Joined(values, '\\'));
  return element.checkValue("1-n").good();
}

// False for a coded entry without code or meaning (PS3.3 section 8.8), and for a reference without
// instance.
bool IsWhole(DcmItem& entry, const DcmTagKey& sequence) {
  const auto has = [&](const DcmTagKey& tag) { return ReadText(entry, tag).has_value(); };
  if (entry.card() == 0) return false;
  if (Keyword(sequence).ends_with("CodeSequence")) {
    const bool coded = has(DCM_CodeValue) || has(DCM_LongCodeValue);
    return has(DCM_CodeMeaning) &&
           (has(DCM_URNCodeValue) || (coded && has(DCM_CodingSchemeDesignator)));
  }
  const bool reference =
      sequence == DCM_ReferencedStudySequence || sequence == DCM_ReferencedPatientSequence;
  return !reference || (has(DCM_ReferencedSOPClassUID) && has(DCM_ReferencedSOPInstanceUID));
}

bool RepairSequence(DcmSequenceOfItems& sequence, const CharacterSets& sets,
                    SourceRepairs& repairs) {
  for (unsigned long n = 0; n < sequence.card(); ++n) {
    DcmItem& entry = *sequence.getItem(n);
    SourceRepairs below;
    RepairItem(entry, sets, below);
    if (!below.left_out.empty() || !IsWhole(entry, sequence.getTag())) return false;
    for (const auto& [set, attributes] : below.read_as)
      repairs.read_as[set].insert(attributes.begin(), attributes.end());
    repairs.shortened.merge(below.shortened);
    repairs.misspelt_set |= below.misspelt_set;
  }
  return true;
}

std::string Listed(const std::set<std::string>& attributes) {
  return fmt::format("{}", fmt::join(attributes, ", "));
}

}  // namespace

std::string AttributeName(const DcmTagKey& tag) {
  const std::string keyword = Keyword(tag);
  const auto upper = [&](std::size_t n) { return keyword[n] >= 'A' && keyword[n] <= 'Z'; };
  std::string name;
  for (std::size_t n = 0; n < keyword.size(); ++n) {
    const bool starts =
        n > 0 && upper(n) && (!upper(n - 1) || (n + 1 < keyword.size() && !upper(n + 1)));
    if (starts && !keyword.substr(n).starts_with("Ds")) name += ' ';
    name += keyword[n];
  }
  return fmt::format("{} ({:04X},{:04X})", name, tag.getGroup(), tag.getElement());
}

void RepairItem(DcmItem& item, const CharacterSets& sets, SourceRepairs& repairs) {
  CharacterSets own = sets;
  if (item.tagExists(DCM_SpecificCharacterSet)) {
    own = ReadCharacterSets(ReadText(item, DCM_SpecificCharacterSet).value_or(""));
    item.findAndDeleteElement(DCM_SpecificCharacterSet);
  }
  for (unsigned long n = item.card(); n-- > 0;) {
    DcmElement& element = *item.getElement(n);
    const DcmTagKey tag = element.getTag();
    const TextRule* rule = TextRuleOf(element.getVR());
    auto* sequence = dynamic_cast<DcmSequenceOfItems*>(&element);
    const bool good = sequence != nullptr ? RepairSequence(*sequence, own, repairs)
                      : rule != nullptr   ? RepairText(element, *rule, own, repairs)
                                          : RepairValue(element);
    if (good) continue;
    repairs.left_out.insert(AttributeName(tag));
    delete item.remove(n);
  }
}

std::vector<Caveat> CaveatsOf(const SourceRepairs& repairs) {
  std::vector<Caveat> caveats;
  for (const auto& [set, attributes] : repairs.read_as) {
    const std::string list = Listed(attributes);
    caveats.push_back({"source_text_guessed",
                       fmt::format("Text of the images is not in the character set that they "
                                   "declare and was read as {}: {}. Compare it with the patient's "
                                   "record.",
                                   set, list),
                       {set, list}});
  }
  if (repairs.misspelt_set) {
    caveats.push_back({"character_set_misspelt",
                       "Specific Character Set (0008,0005) of the images is misspelt; the set that "
                       "it resembles was taken.",
                       {}});
  }
  if (!repairs.shortened.empty()) {
    const std::string list = Listed(repairs.shortened);
    caveats.push_back(
        {"source_value_shortened",
         "Values of the images are longer than DICOM allows and were shortened: " + list + ".",
         {list}});
  }
  if (!repairs.left_out.empty()) {
    const std::string list = Listed(repairs.left_out);
    caveats.push_back({"source_value_left_out",
                       "Values of the images that DICOM does not allow were left out of the "
                       "header of this report: " +
                           list + ".",
                       {list}});
  }
  return caveats;
}

}  // namespace osteon
