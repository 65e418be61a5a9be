// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/readable_pixels.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "pipelines/dicom/dataset/attributes.h"

namespace osteon {
namespace {

// The transfer syntaxes that are decoded: by DCMTK, or by our own code (JPEG 2000, RLE).
constexpr std::array<std::string_view, 15> kDecoded = {
    "1.2.840.10008.1.2",       // Implicit little endian.
    "1.2.840.10008.1.2.1",     // Explicit little endian.
    "1.2.840.10008.1.2.1.99",  // Deflated.
    "1.2.840.10008.1.2.2",     // Explicit big endian.
    "1.2.840.10008.1.2.4.50",  // JPEG baseline,
    "1.2.840.10008.1.2.4.51",  // extended,
    "1.2.840.10008.1.2.4.53",  // spectral selection,
    "1.2.840.10008.1.2.4.55",  // progressive,
    "1.2.840.10008.1.2.4.57",  // lossless,
    "1.2.840.10008.1.2.4.70",  // lossless, first order.
    "1.2.840.10008.1.2.4.80",  // JPEG-LS,
    "1.2.840.10008.1.2.4.81",  // near-lossless.
    "1.2.840.10008.1.2.5",     // RLE.
    "1.2.840.10008.1.2.4.90",  // JPEG 2000 lossless,
    "1.2.840.10008.1.2.4.91",  // and lossy.
};

// Names for people; DCMTK 3.6.7 does not know them all.
constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kNames = {{
    {"1.2.840.10008.1.2.4.92", "JPEG 2000 Multi-component"},
    {"1.2.840.10008.1.2.4.93", "JPEG 2000 Multi-component"},
    {"1.2.840.10008.1.2.4.94", "JPIP Referenced: the pixels are on another server"},
    {"1.2.840.10008.1.2.4.95", "JPIP Referenced Deflate: the pixels are on another server"},
    {"1.2.840.10008.1.2.4.204", "JPIP HTJ2K Referenced: the pixels are on another server"},
    {"1.2.840.10008.1.2.4.205", "JPIP HTJ2K Referenced Deflate: the pixels are on another server"},
    {"1.2.840.10008.1.2.4.100", "MPEG-2 video"},
    {"1.2.840.10008.1.2.4.101", "MPEG-2 video"},
    {"1.2.840.10008.1.2.4.102", "MPEG-4 video"},
    {"1.2.840.10008.1.2.4.103", "MPEG-4 video"},
    {"1.2.840.10008.1.2.4.110", "JPEG XL Lossless"},
    {"1.2.840.10008.1.2.4.111", "JPEG XL JPEG Recompression"},
    {"1.2.840.10008.1.2.4.112", "JPEG XL"},
    {"1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless"},
    {"1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 Lossless with RPCL"},
    {"1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000"},
    {"1.2.840.10008.1.2.8.1", "Deflated Image Frame Compression"},
    {"1.2.840.113619.5.2", "GE private: implicit VR with big endian pixels"},
}};

std::string NameOf(const std::string& uid) {
  for (const auto& [known, name] : kNames) {
    if (known == uid) return std::string(name) + " (" + uid + ")";
  }
  const char* name = dcmFindNameOfUID(uid.c_str());
  return name != nullptr ? std::string(name) + " (" + uid + ")" : uid;
}

std::string TransferSyntaxOf(DcmFileFormat& file) {
  if (auto uid = ReadText(*file.getMetaInfo(), DCM_TransferSyntaxUID)) return *uid;
  const char* uid = DcmXfer(file.getDataset()->getOriginalXfer()).getXferID();
  return uid != nullptr ? uid : "";
}

}  // namespace

std::string WhyNotDecoded(const std::string& uid) {
  if (std::find(kDecoded.begin(), kDecoded.end(), uid) != kDecoded.end()) return {};
  return "transfer syntax " + (uid.empty() ? "not stated" : NameOf(uid)) +
         " is not handled; transcode the series to JPEG Lossless or uncompressed";
}

std::string WhyColour(DcmItem& dataset) {
  if (ReadInt(dataset, DCM_SamplesPerPixel).value_or(1) != 1) {
    return "Samples per Pixel (0028,0002) is not 1: a colour image, which holds no signal";
  }
  const std::string colours = ReadText(dataset, DCM_PhotometricInterpretation).value_or("");
  if (colours.empty() || colours.starts_with("MONOCHROME")) return {};
  return "Photometric Interpretation (0028,0004) is " + colours +
         ": a colour image, which holds no signal";
}

std::string WhyPixelsNotRead(DcmFileFormat& file, bool goes_on) {
  DcmItem& dataset = *file.getDataset();
  std::string syntax = WhyNotDecoded(TransferSyntaxOf(file));
  if (!syntax.empty()) return syntax;
  if (ReadText(dataset, DCM_PhotometricInterpretation) == std::string("MONOCHROME1")) {
    return "Photometric Interpretation (0028,0004) is MONOCHROME1: inverted grey, in which bright "
           "is not much signal; export the original images as MONOCHROME2";
  }
  if (dataset.tagExists(DCM_FloatPixelData) || dataset.tagExists(DCM_DoubleFloatPixelData)) {
    return "Float Pixel Data (7FE0,0008 or 7FE0,0009) is not read; export the images with Pixel "
           "Data (7FE0,0010)";
  }
  const int allocated = ReadInt(dataset, DCM_BitsAllocated).value_or(0);
  if (allocated != 8 && allocated != 16 && allocated != 32) {
    return fmt::format(
        "Bits Allocated (0028,0100) is {}; 8, 16 and 32 are read; export the images with one of "
        "these",
        allocated);
  }
  const int stored = ReadInt(dataset, DCM_BitsStored).value_or(allocated);
  const int high = ReadInt(dataset, DCM_HighBit).value_or(stored - 1);
  if (stored < 1 || stored > allocated || high < 0 || high >= allocated) {
    return "Bits Stored (0028,0101) and High Bit (0028,0102) do not fit into Bits Allocated "
           "(0028,0100); send the file again";
  }
  if (!goes_on) return "Pixel Data (7FE0,0010) is missing; send the file again";
  return {};
}

}  // namespace osteon
