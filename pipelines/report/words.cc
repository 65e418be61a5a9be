// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/words.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "pipelines/model/decimal.h"

namespace osteon {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string WithComma(Language language, std::string text) {
  if (language == Language::kGerman) std::ranges::replace(text, '.', ',');
  return text;
}

std::string SideName(Language language, Side side) {
  if (side == Side::kNone) return {};
  return side == Side::kLeft ? Say(language, "left", "links") : Say(language, "right", "rechts");
}

}  // namespace

std::string Say(Language language, std::string_view english, std::string_view german) {
  return std::string(language == Language::kGerman ? german : english);
}

std::string Number(Language language, double v, int decimals) {
  return WithComma(language, FixedText(v, decimals));
}

std::string Short(Language language, double v) { return Number(language, v, VolumeDecimals(v)); }

std::string Date(Language language, const std::string& yyyymmdd) {
  if (yyyymmdd.size() != 8 ||
      !std::ranges::all_of(yyyymmdd, [](char c) { return c >= '0' && c <= '9'; })) {
    return yyyymmdd;
  }
  const std::string year = yyyymmdd.substr(0, 4), month = yyyymmdd.substr(4, 2),
                    day = yyyymmdd.substr(6, 2);
  if (language == Language::kGerman) return day + "." + month + "." + year;
  const int m = (month[0] - '0') * 10 + (month[1] - '0');
  if (m < 1 || m > 12) return yyyymmdd;
  const std::string bare_day = day[0] == '0' ? day.substr(1) : day;
  return bare_day + " " + std::string(kMonths[static_cast<std::size_t>(m - 1)]) + " " + year;
}

std::string LocalNumber(Language language, std::string text) {
  const auto digit = [&](std::size_t n) {
    return n < text.size() && text[n] >= '0' && text[n] <= '9';
  };
  const std::size_t point = text.find('.');
  const bool number = digit(0) && point != std::string::npos && digit(point + 1) &&
                      text.find('.', point + 1) == std::string::npos;
  return number ? WithComma(language, std::move(text)) : text;
}

std::string Listed(Language language, const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t n = 0; n < items.size(); ++n) {
    if (n > 0) text += n + 1 == items.size() ? Say(language, " and ", " und ") : ", ";
    text += items[n];
  }
  return text;
}

std::string ListedNumbers(Language language, const std::vector<int>& numbers) {
  std::vector<std::string> items;
  for (std::size_t n = 0; n < numbers.size(); ++n) {
    std::size_t last = n;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    if (last < n + 2) {  // Two in a row are shorter with "and".
      items.push_back(std::to_string(numbers[n]));
      continue;
    }
    items.push_back(std::to_string(numbers[n]) + Say(language, " to ", " bis ") +
                    std::to_string(numbers[last]));
    n = last;
  }
  return Listed(language, items);
}

std::string UnitName(Language language, const BoneUnit& unit) {
  const std::string side = SideName(language, unit.side);
  if (language == Language::kGerman) return unit.name_de + (side.empty() ? "" : " " + side);
  return (side.empty() ? "" : side + " ") + unit.name_en;
}

std::string SiteName(Language language, const Lesion& lesion) {
  std::string name = UnitName(language, UnitOf(lesion.unit));
  if (lesion.midline_side == Side::kNone) return name;
  return name + (lesion.midline_side == Side::kLeft
                     ? Say(language, ", left of the midline", ", links der Mittellinie")
                     : Say(language, ", right of the midline", ", rechts der Mittellinie"));
}

std::string SegmentName(Language language, Segment segment) {
  switch (segment) {
    case Segment::kEpiphysis:
      return Say(language, "epiphysis", "Epiphyse");
    case Segment::kMetaphysis:
      return Say(language, "metaphysis", "Metaphyse");
    case Segment::kDiaphysis:
      return Say(language, "diaphysis", "Diaphyse");
    case Segment::kMedialEnd:
      return Say(language, "medial end", "mediales Ende");
    case Segment::kLateralEnd:
      return Say(language, "lateral end", "laterales Ende");
    case Segment::kUnknown:
    case Segment::kFlatBone:
    case Segment::kVertebra:
      return {};
  }
  return {};
}

std::string PhysisText(Language language, PhysisRelation relation) {
  switch (relation) {
    case PhysisRelation::kNotAssessed:
      return {};
    case PhysisRelation::kTouches:
      return Say(language, "touches the growth plate", "grenzt an die Wachstumsfuge");
    case PhysisRelation::kCrosses:
      return Say(language, "crosses the growth plate", "überschreitet die Wachstumsfuge");
    case PhysisRelation::kNear:
      return Say(language, "near the growth plate", "nahe der Wachstumsfuge");
    case PhysisRelation::kRemote:
      return Say(language, "remote from the growth plate", "fern der Wachstumsfuge");
  }
  return {};
}

std::string InGerman(std::span<const WordPair> table, std::string_view english) {
  const auto found = std::ranges::find(table, english, &WordPair::english);
  return found == table.end() ? std::string() : std::string(found->german);
}

std::string Filled(std::string_view text, const std::vector<std::string>& values) {
  std::string filled(text);
  for (std::size_t n = 0; n < values.size(); ++n)
    filled = Replaced(std::move(filled), fmt::format("{{{}}}", n), values[n]);
  return filled;
}

std::string Replaced(std::string text, std::string_view what, const std::string& with) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

std::vector<std::string> SitesWithNumbers(Language language,
                                          const std::vector<const Lesion*>& marks) {
  std::vector<UnitId> units;
  for (const Lesion* mark : marks) {
    if (std::ranges::find(units, mark->unit) == units.end()) units.push_back(mark->unit);
  }
  std::vector<std::string> sites;
  for (UnitId unit : units) {
    std::string numbers;
    for (const Lesion* mark : marks) {
      if (mark->unit == unit)
        numbers += fmt::format("{}{}", numbers.empty() ? "" : ", ", mark->number);
    }
    sites.push_back(UnitName(language, UnitOf(unit)) + " (" + numbers + ")");
  }
  return sites;
}

std::vector<std::string> SidesJoined(Language language, const std::vector<UnitId>& units) {
  std::vector<std::string> names;
  std::vector<UnitId> done;
  const auto contains = [](const std::vector<UnitId>& list, UnitId id) {
    return std::ranges::find(list, id) != list.end();
  };
  for (UnitId id : units) {
    if (contains(done, id)) continue;
    done.push_back(id);
    const BoneUnit& unit = UnitOf(id);
    if (unit.mirror && contains(units, *unit.mirror)) {
      done.push_back(*unit.mirror);
      names.push_back(Say(language, unit.name_en + " (both sides)", unit.name_de + " (beidseits)"));
    } else {
      names.push_back(UnitName(language, unit));
    }
  }
  return names;
}

}  // namespace osteon
