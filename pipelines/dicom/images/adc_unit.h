// SPDX-License-Identifier: GPL-3.0-or-later
// The unit of an apparent diffusion coefficient. Scanners write 10^-6 mm2/s (um2/s), workstations
// also 10^-3 mm2/s or mm2/s, and most files do not say which. Pure: no DCMTK, no files.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace osteon {

// um2/s in one of the named unit: "10-6 mm2/s" (1), "um2/s", "mm2/s" (1e6), "10^-3 mm^2/s",
// "10*-9.m2/s" and other spellings of Rescale Type (0028,1054) and of UCUM codes. Absent for
// anything else, such as "normalized" and "US".
std::optional<double> DiffusivityUnit(std::string_view text);

enum class AdcUnitFrom {
  kStated,        // The file says so and water agrees, or it says so and nothing speaks against.
  kUsual,         // Not stated; already in um2/s, as scanners write.
  kGuessed,       // Not stated, and only in another unit does water diffuse as it does in bodies.
  kContradicted,  // Stated, but in that unit it is no tissue, and in exactly one other it is.
  kUnknown,       // In no unit a body.
};

struct AdcUnit {
  AdcUnitFrom from = AdcUnitFrom::kUnknown;
  double um2_per_s = 0;  // Of one unit; 0 when unknown.
};

// From what is stated and from the median of the positive values. Water in soft tissue diffuses at
// 500 to 3000 um2/s (free water at 37 degrees 3000; Holz et al. 2000, Phys Chem Chem Phys 2:4740;
// muscle 1500, brain 800, marrow 200 to 800); 200 to 5000 is taken for a whole map, whose fat and
// noise shift the median. The units lie a factor of 1000 apart, so no map fits two. Not-a-number
// and values up to 0 do not count.
AdcUnit TellAdcUnit(std::optional<double> stated_um2_per_s, std::span<const float> values);

// "10-3 mm2/s".
std::string_view AdcUnitName(double um2_per_s);

}  // namespace osteon
