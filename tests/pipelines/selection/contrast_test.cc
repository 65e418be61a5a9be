// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/contrast.h"

#include <gtest/gtest.h>

namespace osteon {
namespace {

struct Header {
  const char* description;
  const char* sequence;
  double tr_ms, te_ms, ti_ms;  // 0: not in the header.
  const char* image_type = "ORIGINAL\\PRIMARY\\M\\ND";
  std::optional<double> b_value = std::nullopt;
  const char* options = "";
  bool agent = false;
  const char* acquisition_contrast = "";
  const char* manufacturer = "";
  const char* sequence_name = "";
};

ContrastVerdict Tell(const Header& h) {
  Physics p;
  const auto time = [](double ms) { return ms > 0 ? std::optional(ms) : std::nullopt; };
  p.scanning_sequence = h.sequence;
  p.repetition_time_ms = time(h.tr_ms);
  p.echo_time_ms = time(h.te_ms);
  p.inversion_time_ms = time(h.ti_ms);
  p.image_type = h.image_type;
  p.b_value_s_per_mm2 = h.b_value;
  p.scan_options = h.options;
  p.contrast_agent = h.agent;
  p.acquisition_contrast = h.acquisition_contrast;
  p.manufacturer = h.manufacturer;
  p.sequence_name = h.sequence_name;
  return TellContrast(p, h.description, {});
}

TEST(TellContrast, GoesByPhysicsFirst) {
  const struct {
    Header header;
    Contrast contrast;
  } cases[] = {
      // STIR of three vendors, and under a misleading name.
      {{"t2_tirm_cor_wb", "SE\\IR", 4500, 70, 165}, Contrast::kStir},
      {{"Cor STIR WB", "SE\\IR", 5200, 42, 150, "ORIGINAL\\PRIMARY\\OTHER"}, Contrast::kStir},
      {{"WB STIR COR", "IR", 3800, 64, 210}, Contrast::kStir},
      {{"ganzkoerper 1", "SE\\IR", 4500, 70, 165}, Contrast::kStir},
      {{"t1 something", "SE\\IR", 4500, 70, 165}, Contrast::kStir},
      {{"stir cor", "SE", 4500, 60, 0}, Contrast::kStir},
      {{"cor body", "SE\\IR", 4500, 60, 0, "ORIGINAL", {}, "", false, "STIR"}, Contrast::kStir},
      {{"cor wb", "", 0, 0, 0, "ORIGINAL", {}, "", false, "", "SIEMENS", "*tir2d1_15"},
       Contrast::kStir},
      // TI is not stated: TR and TE leave nothing else; with a long TR it could be a FLAIR.
      {{"cor", "SE\\IR", 4500, 70, 0}, Contrast::kStir},
      {{"cor", "SE\\IR", 9000, 100, 0}, Contrast::kOther},
      {{"hip loc dir exp", "SE\\IR", 4500, 70, 165}, Contrast::kStir},
      {{"stir loc", "SE", 4500, 60, 0}, Contrast::kOther},
      {{"cor adc map", "SE\\IR", 4500, 70, 165}, Contrast::kStir},
      {{"cor", "SE\\IR", 4500, 70, 165, "ORIGINAL\\PRIMARY\\M\\FM\\FIL"}, Contrast::kStir},
      {{"cor", "SE\\IR", 4500, 70, 165, "DERIVED\\SECONDARY\\MPR\\COMPOSED"}, Contrast::kStir},
      {{"cor", "SE\\IR", 4500, 70, 165, "DERIVED\\SECONDARY\\MIP"}, Contrast::kOther},
      // Inversions that are not STIR.
      {{"ep2d_stir", "EP\\IR", 6500, 68, 200}, Contrast::kOther},
      {{"t2_flair", "SE\\IR", 9000, 90, 2500}, Contrast::kOther},
      {{"stir like flair", "SE\\IR", 9000, 90, 2500}, Contrast::kOther},
      {{"mprage", "GR\\IR", 2000, 3, 900}, Contrast::kOther},
      {{"t1 ir", "SE\\IR", 4500, 12, 600}, Contrast::kOther},
      // Dixon.
      {{"t2_tse_dixon_cor_W", "SE", 3500, 80, 0, "DERIVED\\PRIMARY\\W\\ND"}, Contrast::kDixonWater},
      {{"WATER: Cor T2 IDEAL", "SE", 4000, 85, 0}, Contrast::kDixonWater},
      {{"WATER: Cor T2 FSE",
        "SE",
        4000,
        85,
        0,
        "ORIGINAL",
        {},
        "",
        false,
        "",
        "GE MEDICAL SYSTEMS"},
       Contrast::kDixonWater},
      {{"InPhase: Cor T2", "SE", 4000, 85, 0, "ORIGINAL", {}, "", false, "", "GE MEDICAL SYSTEMS"},
       Contrast::kOther},
      {{"Wasser T2 mDIXON cor", "SE", 4000, 85, 0}, Contrast::kDixonWater},
      {{"T2 mDIXON cor", "SE", 4000, 85, 0}, Contrast::kOther},
      {{"Waterford T2 cor", "SE", 4000, 85, 0}, Contrast::kOther},
      {{"t2_tse_dixon_cor_F", "SE", 3500, 80, 0, "DERIVED\\PRIMARY\\F\\ND"}, Contrast::kOther},
      {{"t2_tse_dixon_cor_in", "SE", 3500, 80, 0, "DERIVED\\PRIMARY\\IN\\ND"}, Contrast::kOther},
      {{"t1_vibe_dixon_W", "GR", 5, 2.4, 0, "DERIVED\\PRIMARY\\W\\ND"}, Contrast::kOther},
      {{"t1_vibe_dixon_opp", "GR", 5, 1.2, 0, "DERIVED\\PRIMARY\\OUT\\ND"}, Contrast::kOther},
      {{"t1_vibe_dixon", "GR", 5, 2.4, 0}, Contrast::kOther},
      {{"cor", "GR", 5, 2.4, 0, "DERIVED\\PRIMARY\\DIXON\\IN_PHASE"}, Contrast::kT1},
      {{"t1_vibe_dixon_in", "GR", 5, 2.4, 0, "DERIVED\\PRIMARY\\IN\\ND"}, Contrast::kT1},
      // T1, with and without agent and fat suppression.
      {{"t1_tse_cor", "SE", 550, 11, 0}, Contrast::kT1},
      {{"cor", "SE", 550, 11, 0}, Contrast::kT1},
      {{"t1_tse_fs_cor KM", "SE", 600, 11, 0, "ORIGINAL", {}, "FS", true},
       Contrast::kT1PostContrast},
      {{"Cor T1 FS +C", "SE", 600, 11, 0, "ORIGINAL", {}, "FS"}, Contrast::kT1PostContrast},
      {{"t1 cor posterior", "SE", 550, 11, 0}, Contrast::kT1},
      {{"t1 cor ohne KM", "SE", 550, 11, 0}, Contrast::kT1},
      {{"t1 fat sat cor", "SE", 550, 11, 0}, Contrast::kOther},
      {{"t1_tse_fs_cor", "SE", 600, 11, 0, "ORIGINAL", {}, "FS"}, Contrast::kOther},
      {{"t2_tse_cor", "SE", 4000, 90, 0}, Contrast::kOther},
      // Diffusion.
      {{"ep2d_diff_tra", "EP", 6500, 68, 0, "ORIGINAL\\PRIMARY\\DIFFUSION", 800},
       Contrast::kDiffusion},
      {{"DWIBS b800", "EP", 6500, 68, 0}, Contrast::kDiffusion},
      {{"ADC (10^-6 mm2/s)", "EP", 6500, 68, 0}, Contrast::kAdc},
      {{"ep2d_diff_tra", "EP", 6500, 68, 0, "DERIVED\\PRIMARY\\DIFFUSION\\ADC", 800},
       Contrast::kAdc},
      {{"eADC", "EP", 6500, 68, 0}, Contrast::kOther},
      {{"ep2d_fid_perf", "GR\\EP", 1220, 25, 0}, Contrast::kOther},
      {{"Cor STIR", "SE\\IR", 4500, 70, 165, "ORIGINAL", 0}, Contrast::kStir},
      // Series that resemble another contrast.
      {{"localizer", "GR", 8, 4, 0}, Contrast::kOther},
      {{"t1_tse", "SE", 550, 11, 0, "ORIGINAL\\PRIMARY\\LOCALIZER"}, Contrast::kOther},
      {{"stir phase", "SE\\IR", 4500, 70, 165, "ORIGINAL\\PRIMARY\\P\\ND"}, Contrast::kOther},
      {{"", "", 0, 0, 0, ""}, Contrast::kOther},
  };
  for (const auto& c : cases) {
    const ContrastVerdict verdict = Tell(c.header);
    EXPECT_EQ(Name(verdict.contrast), Name(c.contrast))
        << c.header.description << " " << c.header.sequence << ": " << verdict.reason;
    EXPECT_FALSE(verdict.reason.empty()) << c.header.description;
  }
}

TEST(TellContrast, TakesTheBValueFromTheNameOnlyWhenTheHeaderHasNone) {
  EXPECT_EQ(Tell({"DWIBS b800", "EP", 6500, 68, 0}).b_value_s_per_mm2, 800);
  EXPECT_FALSE(
      Tell({"DWIBS b800", "EP", 6500, 68, 0, "ORIGINAL", 50}).b_value_s_per_mm2.has_value());
}

}  // namespace
}  // namespace osteon
