// SPDX-License-Identifier: GPL-3.0-or-later
// Two questions to a DCMTK transfer syntax under one name: DCMTK 3.6.9 (Debian 13) renamed what
// 3.6.7 (Debian 12) has.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dcxfer.h>

namespace osteon {

// Pixel data lies in fragments (JPEG, RLE), not as plain words.
template <typename Xfer = DcmXfer>
bool IsEncapsulated(E_TransferSyntax syntax) {
  const Xfer xfer(syntax);
  if constexpr (requires { xfer.usesEncapsulatedFormat(); })
    return xfer.usesEncapsulatedFormat();
  else
    return xfer.isEncapsulated();
}

// Its compression always loses something; false for those that may or may not.
template <typename Xfer = DcmXfer>
bool IsAlwaysLossy(E_TransferSyntax syntax) {
  const Xfer xfer(syntax);
  if constexpr (requires { xfer.isPixelDataLossyCompressed(); })
    return xfer.isPixelDataLossyCompressed();
  else
    return xfer.isLossy();
}

}  // namespace osteon
