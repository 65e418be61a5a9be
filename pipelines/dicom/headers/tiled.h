// SPDX-License-Identifier: GPL-3.0-or-later
// Many slices laid out as tiles of one image, which are not read. Only for .cc files of
// pipelines/dicom, since it shows DCMTK.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dctk.h>

#include <string>

namespace osteon {

// What kind of tiling, with what to do; empty for an image of one slice. By what is countable
// first:
//   Siemens  Number of Images in Mosaic, (0019,xx0A) of "SIEMENS MR HEADER"
//   UIH      number of images in the grid, (0065,xx50) of "Image Private Header"
//   any      an image wider and higher than the bore of any magnet
// The word MOSAIC in Image Type alone proves nothing, since frames that were cut apart keep it;
// with it the image is tiled when it is larger than a body both ways, or has a matrix of whole
// multiples of the Acquisition Matrix (0018,1310), three and more each way.
std::string WhyTiled(DcmItem& dataset);

}  // namespace osteon
