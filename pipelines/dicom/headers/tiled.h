// SPDX-License-Identifier: GPL-3.0-or-later
// Detects images in which many slices are tiled; these are not read. Only for .cc files of
// pipelines/dicom, since it shows DCMTK.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dctk.h>

#include <string>

namespace osteon {

// The kind of tiling, and what to do; empty for an image of one slice. Recognised by, in this
// order:
//   Siemens  Number of Images in Mosaic, (0019,xx0A) of "SIEMENS MR HEADER"
//   UIH      number of images in the grid, (0065,xx50) of "Image Private Header"
//   any      an image wider and higher than the bore of any magnet
// The word MOSAIC in Image Type alone proves nothing, since frames that were cut out of a mosaic
// keep it. With that word an image is tiled when it is larger than a body in both directions, or
// its matrix is at least three times the Acquisition Matrix (0018,1310), in whole multiples, in
// both directions.
std::string WhyTiled(DcmItem& dataset);

}  // namespace osteon
