// SPDX-License-Identifier: GPL-3.0-or-later
// Converts stored values to the values that are used. Only for .cc files of pipelines/dicom, since
// it shows DCMTK.
#pragma once

#include <optional>

#include "pipelines/base/result.h"
#include "pipelines/dicom/dataset/attributes.h"
#include "pipelines/dicom/images/pixel_data.h"

namespace osteon {

struct Rescale {
  double slope = 1, intercept = 0;
  std::optional<double>
      um2_per_s;  // How many um2/s one unit of the value is, where the file states it.
};

// The rescale of one frame.
//   kSignal  Rescale Slope and Intercept; for a magnitude image of Philips instead the scale the
//     scanner measured on, (stored * slope + intercept) / (slope * scale slope) with the private
//     scale slope (2005,xx0E): Philips stores each series on a scale of its own, and stations then
//     need no gain (Chenevert et al. 2014, PMC3998685; as dcm2niix does). Maps have the private
//     scale beside a Rescale Slope that already gives their unit, so it is not for them: by Image
//     Type (ADC, FA, phase, any "MAP") or a Rescale Type (0028,1054) that is a unit.
//   kAdc  the Real World Value Mapping (0040,9096) whose units are a diffusivity, else Rescale
//     Slope and Intercept; never the private scale.
// kInvalidInput, naming the attribute: a slope or intercept that is present but no number up to
// 1e9; ignoring it would change the values.
Result<Rescale> ReadRescale(const FrameAttributes& attributes, ValueKind kind);

}  // namespace osteon
