// SPDX-License-Identifier: GPL-3.0-or-later
// The unit of an apparent diffusion coefficient. Scanners write 10^-6 mm2/s (um2/s), workstations
// also 10^-3 mm2/s or mm2/s, and most files do not state the unit. Pure: no DCMTK, no files.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace osteon {

// How many um2/s one of the named unit is: 1 for "10-6 mm2/s" and "um2/s", 1e6 for "mm2/s"; also
// for "10^-3 mm^2/s", "10*-9.m2/s" and other spellings of Rescale Type (0028,1054) and of UCUM
// codes. nullopt for anything else, such as "normalized" and "US".
std::optional<double> DiffusivityUnit(std::string_view text);

enum class AdcUnitFrom {
  kStated,        // Stated, and the values do not contradict it.
  kUsual,         // Not stated; the values are those of tissue in um2/s, the unit of scanners.
  kGuessed,       // Not stated; the values are those of tissue only in another unit.
  kContradicted,  // Stated, but the values are those of tissue only in another unit.
  kUnknown,       // The values are those of tissue in no unit.
};

struct AdcUnit {
  AdcUnitFrom from = AdcUnitFrom::kUnknown;
  double um2_per_s = 0;  // How many um2/s the unit is; 0 when unknown.
};

// Tells the unit from the stated one and from the median of the positive values. Water in soft
// tissue diffuses at 500 to 3000 um2/s (free water at 37 degrees 3000; Holz et al. 2000, Phys Chem
// Chem Phys 2:4740; muscle 1500, brain 800, marrow 200 to 800); 200 to 5000 is accepted as the
// median of a whole map, since fat and noise shift it. The units differ by a factor of 1000, so no
// map fits two. Not-a-number and values up to 0 are ignored.
AdcUnit TellAdcUnit(std::optional<double> stated_um2_per_s, std::span<const float> values);

// "10-3 mm2/s".
std::string_view AdcUnitName(double um2_per_s);

}  // namespace osteon
