// SPDX-License-Identifier: GPL-3.0-or-later
// Tells a frame's image contrast: from its times and its pulse sequence first, then from what its
// grey values are (frame_kind.h), and from names only where these leave it open, since sites rename
// protocols. Pure: header values in, answer out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/phrase.h"
#include "pipelines/model/study.h"
#include "pipelines/selection/name_words.h"

namespace osteon {

// The numbers are chosen: what published whole-body protocols at 1.5 and 3 T state, widened by what
// scanners round. The words are those of Siemens, GE, Philips, Canon and United Imaging protocols
// in English, German, French and Spanish. name_words.h says how words are compared.
struct ContrastRules {
  // Series with such a word are never used; empty unless a site sets it.
  Words leave_out_words;
  // STIR: inversion near the null of fat, published as 140 to 180 ms at 1.5 T and 200 to 230 ms at
  // 3 T (the null is T1 of fat x ln 2).
  double stir_min_ti_ms = 100, stir_max_ti_ms = 270;
  double stir_min_te_ms = 25, stir_min_tr_ms = 1800;
  // Inversion recovery whose TI is not stated is taken for STIR up to this TR: nulling fluid takes
  // a TI of 1800 ms and more, and so a TR of 6 s and more.
  double stir_max_tr_without_ti_ms = 6000;
  Words stir_words = {"stir*", "tirm*", "tir", "tir2d*", "tirse*", "irtse", "irfse", "fir"};
  // A longer TI attenuates fluid. Chosen: between the TI of STIR and 1800 ms.
  double flair_min_ti_ms = 1200;
  Words flair_words = {"flair*"};
  // T2 Dixon; shorter times are a T1 Dixon.
  double dixon_t2_min_te_ms = 50, dixon_t2_min_tr_ms = 1500;
  Words dixon_words = {"dixon*", "mdixon*", "qdixon*", "ideal*", "flex", "wfi", "wfs"};
  Words water_words = {"w", "water", "wasser", "eau", "agua"};
  Words other_part_words = {"f",  "fat", "fett",     "in",  "inphase", "ip", "opp",
                            "op", "out", "outphase", "oop", "fatfrac", "ff"};
  // TR and TE of a T1 spin echo, and the longest TR of a T1 spoiled gradient echo.
  double t1_min_tr_ms = 250, t1_max_tr_ms = 1100, t1_max_te_ms = 30, t1_gre_max_tr_ms = 20;
  Words t1_words = {"t1*", "vibe*", "lava*", "mdixon*", "thrive*", "fspgr*", "quick3d*"};
  Words post_contrast_words = {"gd", "gad",  "gadolin*", "gadov*", "gadot*", "gadob*",
                               "km", "post", "postgd",   "postkm", "ce",     "+c",
                               "c+", "+gd",  "+km",      "gd+",    "km+"};
  // "T1 ohne KM" and "pre Gd" name the agent that was not given.
  Words without_words = {"ohne", "vor", "pre", "nativ", "native", "without", "sans", "no", "non"};
  Words fat_saturated_words = {"fs", "fatsat*", "fatsup*", "spir", "spair", "fsat", "fatsep"};
  Words diffusion_words = {"dwi*", "dwibs*", "diff", "diffusion*", "trace", "tracew"};
  Words adc_words = {"adc", "dadc", "apparent"};
  Words exponential_words = {"eadc", "exponential"};
  Words localiser_words = {"loc",     "localizer*", "localiser*", "scout*",
                           "survey*", "surview*",   "topogram*",  "fastview*"};
};

struct ContrastVerdict {
  Contrast contrast = Contrast::kOther;
  // "SE\IR, TR 4500 ms, TE 70 ms, TI 165 ms"; for kOther what it is instead, or what was seen and
  // which rule failed: "inversion recovery, not STIR: TI 600 ms is not in 100 to 270 ms".
  std::string reason;
  // The same with its code. Values that are no words: "TI 600 ms (100 to 270 ms)".
  Phrase why;
  // What was assumed, and from what, where the header does not state it; else empty.
  std::string guess;
  // The b-value in the description, when the header has none.
  std::optional<double> b_value_s_per_mm2;
};

ContrastVerdict TellContrast(const Physics& physics, const std::string& description,
                             const ContrastRules& rules);

}  // namespace osteon
