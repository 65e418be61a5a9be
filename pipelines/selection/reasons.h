// SPDX-License-Identifier: GPL-3.0-or-later
// How contrast.cc and choose.cc say what they saw and decided. Private to them.
#pragma once

#include <string>
#include <vector>

#include "pipelines/base/phrase.h"
#include "pipelines/selection/choose.h"
#include "pipelines/selection/contrast.h"
#include "pipelines/selection/station_groups.h"

namespace osteon {

// The facts the rules look at: "SE\IR, TR 4500 ms, TE 70 ms, TI 165 ms".
std::string Facts(const Physics& physics);
// For other languages: no words in it.
std::string BareFacts(const Physics& physics);

// A verdict with its reason and code; see ContrastVerdict::why.
ContrastVerdict Verdict(Contrast contrast, const char* code, const std::string& reason,
                        std::vector<std::string> values = {}, std::string guess = {});
// Of kOther.
ContrastVerdict Other(const char* code, const std::string& reason,
                      std::vector<std::string> values = {});

// A list of what speaks against something, in English and without words.
struct Against {
  std::string text, bare;

  void Add(const std::string& in_words, const std::string& without);
  bool empty() const { return text.empty(); }
};

// "not used: " and why.
Phrases NotUsed(Phrase why);
// What TellContrast said of the series; the code is "contrast".
Phrase ContrastOf(const SeriesInfo& series);
// The n-th series of a group that is taken: "taken as STIR, station 2 of 5: ".
Phrase TakenAs(const Study& study, const StationGroup& group, std::size_t n);
// Of a study that is no whole body: damaged, or else. `shortfall` says what its best group lacks;
// empty when there is no group.
Phrases WhyNot(const Study& study, Eligibility eligibility, const Phrases& shortfall);

}  // namespace osteon
