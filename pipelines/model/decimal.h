// SPDX-License-Identifier: GPL-3.0-or-later
// One way to write a number, so that the SR and findings.json hold the same one.
#pragma once

#include <string>

namespace osteon {

// Six significant digits, shortest form, no exponent for 1e-4 <= |v| < 1e6: "12.3456", "0.5", "-3".
// Fits the DICOM value representation DS (at most 16 characters, PS3.5 6.2). REQUIRES: v is finite.
std::string DecimalText(double v);

// The double nearest to DecimalText(v).
double RoundedDecimal(double v);

// With a fixed number of decimals: "1.90", "13".
std::string FixedText(double v, int decimals);

// Decimals of a volume in ml that a reader needs, and it is good for: 0.33, 1.9, 23.4, 123.
int VolumeDecimals(double ml);

// At least six and as many more significant digits as 16 characters allow: for positions and
// direction cosines.
std::string PreciseDecimalText(double v);

}  // namespace osteon
