// SPDX-License-Identifier: GPL-3.0-or-later
// Tells a series' image contrast, by physics first and text second: technologists rename protocols,
// spins do not care. Pure: header values in, answer out. Thresholds from domain.md 1.3 (defaults to
// be configured, not clinical rules).
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/study.h"

namespace osteon {

// Words are compared, in lower case, with the words of the series description (split at anything
// that is no letter or digit); "stir*" matches every word that starts so.
struct ContrastRules {
  // STIR: inversion near the null of fat, 140 to 180 ms at 1.5 T and 200 to 230 ms at 3 T.
  double stir_min_ti_ms = 100, stir_max_ti_ms = 270;
  double stir_min_te_ms = 25, stir_min_tr_ms = 1800;
  std::vector<std::string> stir_words = {"stir*", "tirm*", "tirse", "irtse", "irfse", "fir"};
  // Above this a fluid-attenuating inversion.
  double flair_min_ti_ms = 1200;
  std::vector<std::string> flair_words = {"flair*", "dir"};
  // T2 Dixon.
  double dixon_t2_min_te_ms = 50;
  std::vector<std::string> dixon_words = {"dixon*", "mdixon*", "ideal*", "flex", "qdixon*"};
  std::vector<std::string> water_words = {"w", "water*"};
  std::vector<std::string> not_water_words = {"f",   "fat", "in",  "inphase", "ip",
                                              "opp", "op",  "out", "outphase"};
  // T1 spin echo and T1 spoiled gradient echo.
  double t1_min_tr_ms = 250, t1_max_tr_ms = 1100, t1_max_te_ms = 30, t1_gre_max_tr_ms = 20;
  std::vector<std::string> t1_words = {"t1*", "vibe*", "lava*", "mdixon*", "thrive*", "fspgr*"};
  std::vector<std::string> post_contrast_words = {"gd", "gad*", "km", "post*", "ce", "c+", "gado*"};
  std::vector<std::string> fat_saturated_words = {"fs", "fatsat*", "spir", "spair", "fsat"};
  std::vector<std::string> diffusion_words = {"dwi*", "dwibs*", "diff*", "trace*"};
  std::vector<std::string> adc_words = {"adc*", "dadc*"};
  std::vector<std::string> localiser_words = {"loc*", "scout*", "survey*", "plan*", "surview*"};
};

struct ContrastVerdict {
  Contrast contrast = Contrast::kOther;
  std::string reason;  // "IR, TI 165 ms, TE 70 ms"; for kOther what it is instead: "localiser".
  // From the text when the header has no b-value of its own.
  std::optional<double> b_value_s_per_mm2;
};

ContrastVerdict TellContrast(const Physics& physics, const std::string& description,
                             const ContrastRules& rules);

}  // namespace osteon
