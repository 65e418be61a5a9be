// SPDX-License-Identifier: GPL-3.0-or-later
// Two properties of a transfer syntax whose functions DCMTK 3.6.9 (Debian 13) has renamed since
// 3.6.7 (Debian 12).
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dcxfer.h>

namespace osteon {

// Pixel data is in fragments (JPEG, RLE), not in plain words.
template <typename Xfer = DcmXfer>
bool IsEncapsulated(E_TransferSyntax syntax) {
  const Xfer xfer(syntax);
  if constexpr (requires { xfer.usesEncapsulatedFormat(); })
    return xfer.usesEncapsulatedFormat();
  else
    return xfer.isEncapsulated();
}

// Its compression is always lossy; false for syntaxes that may also be lossless.
template <typename Xfer = DcmXfer>
bool IsAlwaysLossy(E_TransferSyntax syntax) {
  const Xfer xfer(syntax);
  if constexpr (requires { xfer.isPixelDataLossyCompressed(); })
    return xfer.isPixelDataLossyCompressed();
  else
    return xfer.isLossy();
}

}  // namespace osteon
