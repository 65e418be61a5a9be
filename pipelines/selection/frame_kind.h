// SPDX-License-Identifier: GPL-3.0-or-later
// What the grey values of a frame are: signal, a part of a Dixon decomposition, phase, a map. Told
// per frame from Image Type or Frame Type and Complex Image Component, since one series may hold
// several kinds.
#pragma once

#include <string>
#include <string_view>

namespace osteon {

enum class FrameKind {
  kSignal,  // Magnitude; also where nothing is stated.
  kWater,   // Dixon parts.
  kFat,
  kInPhase,
  kOpposedPhase,
  kPhase,  // Phase, real or imaginary part, velocity.
  kMap,    // A computed quantity in each voxel: T1, T2, fat fraction, field.
  kAdc,
  kExponentialAdc,
  kTrace,       // Diffusion, averaged over directions.
  kProjection,  // Of many slices into one image.
  kSubtraction,
};
std::string_view Name(FrameKind kind);

// `image_type`: Image Type (0008,0008) or, in enhanced objects, Frame Type (0008,9007), values
// separated by backslashes. `complex_component`: (0008,9208) or a vendor's own; may be empty.
//
// Whole values are compared, from the third one on, in any letter case; blank, '-' and '_' are the
// same. Unknown values (names of filters, "FM", "FIL", "DIS2D") are passed over. Terms:
// PS3.3 C.7.6.1.1.2, C.8.3.1.1.1 and C.8.13.3.1; conformance statements of Siemens, GE, Philips,
// Canon, United Imaging.
FrameKind KindOf(std::string_view image_type, std::string_view complex_component);

// Whether Image Type names a localiser (its third value, PS3.3 C.7.6.1.1.2).
bool SaysLocaliser(std::string_view image_type);

}  // namespace osteon
