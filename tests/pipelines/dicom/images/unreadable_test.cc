// SPDX-License-Identifier: GPL-3.0-or-later
// Files that cannot be read: the error names the reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/pipelines/dicom/images/read_and_load.h"

namespace osteon {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Read;
using testing::ReadAndLoad;
using ::testing::SizeIs;
using testing::Small;
using testing::TempFolder;
using testing::WriteSeries;

TEST(Tiled, IsRefusedByNameAndFramesThatAreApartAreRead) {
  const auto siemens = [](Uint16 block, Uint16 images) {
    return [=](DcmDataset& d) {
      d.putAndInsertString(DcmTag(0x0019, block, EVR_LO), "SIEMENS MR HEADER");
      d.putAndInsertUint16(DcmTag(0x0019, static_cast<Uint16>(block << 8 | 0x0A), EVR_US), images);
    };
  };
  const auto word = [](const char* spacing, const Uint16 matrix) {
    return [=](DcmDataset& d) {
      d.putAndInsertString(DCM_ImageType, "ORIGINAL\\PRIMARY\\M\\ND\\MOSAIC");
      d.putAndInsertString(DCM_PixelSpacing, spacing);
      const Uint16 values[] = {matrix, 0, 0, matrix};
      if (matrix > 0) d.putAndInsertUint16Array(DCM_AcquisitionMatrix, values, 4);
    };
  };
  const struct {
    const char* what;
    std::function<void(DcmDataset&)> change;
    const char* refused;  // Words of the error; nullptr: it is read.
  } cases[] = {
      {"Siemens, by number", siemens(0x10, 36), "Siemens mosaic"},
      {"Siemens, in another block", siemens(0x11, 5), "Siemens mosaic"},
      {"Siemens, a mosaic of one", siemens(0x10, 1), nullptr},
      {"UIH",
       [](DcmDataset& d) {
         d.putAndInsertString(DcmTag(0x0065, 0x0010, EVR_LO), "Image Private Header");
         d.putAndInsertString(DcmTag(0x0065, 0x1050, EVR_DS), "20");
       },
       "UIH grid"},
      {"any vendor, wider than a bore",
       [](DcmDataset& d) { d.putAndInsertString(DCM_PixelSpacing, "48\\48"); },
       "larger than any bore"},
      {"the word, larger than a body", word("30\\30", 0), "Siemens mosaic"},
      {"the word, tiles of a quarter", word("2\\2", 5), "Siemens mosaic"},
      {"the word, but one slice's matrix", word("2\\2", 20), nullptr},
      {"the word, but interpolated", word("2\\2", 10), nullptr},
      {"the word alone", word("2\\2", 0), nullptr},
      {"a part of another word",
       [](DcmDataset& d) { d.putAndInsertString(DCM_ImageType, "ORIGINAL\\PRIMARY\\M\\NOMOSAIC"); },
       nullptr},
  };
  for (const auto& c : cases) {
    TempFolder folder;
    WriteSeries(folder.path(), Small(), [&](DcmDataset& d, int) {
      c.change(d);
      return true;
    });
    const Read read = ReadAndLoad(folder.path());
    if (c.refused == nullptr) {
      EXPECT_TRUE(read.image) << c.what;
      continue;
    }
    EXPECT_THAT(read.study.series, IsEmpty()) << c.what;
    EXPECT_THAT(read.study.left_out, Contains(Field(&Study::LeftOut::reason, HasSubstr(c.refused))))
        << c.what;
  }
}

TEST(Unreadable, IsNamedFromTheHeaderOnceForItsSeries) {
  const struct {
    const char* what;
    std::function<void(DcmDataset&)> change;
    bool damaged;
    const char* reason;
  } cases[] = {
      {"colour", [](DcmDataset& d) { d.putAndInsertUint16(DCM_SamplesPerPixel, 3); }, false,
       "Samples per Pixel (0028,0002) is not 1"},
      {"palette",
       [](DcmDataset& d) { d.putAndInsertString(DCM_PhotometricInterpretation, "PALETTE COLOR"); },
       false, "Photometric Interpretation (0028,0004) is PALETTE COLOR"},
      {"inverted",
       [](DcmDataset& d) { d.putAndInsertString(DCM_PhotometricInterpretation, "MONOCHROME1"); },
       true, "MONOCHROME1"},
      {"floats",
       [](DcmDataset& d) {
         const Float32 values[400] = {};
         d.findAndDeleteElement(DCM_PixelData);
         d.putAndInsertFloat32Array(DCM_FloatPixelData, values, 400);
       },
       true, "Float Pixel Data"},
      {"no pixels", [](DcmDataset& d) { d.findAndDeleteElement(DCM_PixelData); }, true,
       "Pixel Data (7FE0,0010) is missing"},
      {"odd depth", [](DcmDataset& d) { d.putAndInsertUint16(DCM_BitsAllocated, 12); }, true,
       "Bits Allocated (0028,0100) is 12"},
      {"too many bits", [](DcmDataset& d) { d.putAndInsertUint16(DCM_BitsStored, 17); }, true,
       "Bits Stored (0028,0101)"},
  };
  for (const auto& c : cases) {
    TempFolder folder;
    WriteSeries(folder.path(), Small(), [&](DcmDataset& d, int) {
      c.change(d);
      return true;
    });
    const Read read = ReadAndLoad(folder.path());
    EXPECT_THAT(read.study.series, IsEmpty()) << c.what;
    ASSERT_THAT(read.study.left_out, SizeIs(1)) << c.what;
    EXPECT_THAT(read.study.left_out[0].reason, HasSubstr(c.reason));
    EXPECT_THAT(read.study.left_out[0].what, HasSubstr("series 1.2.826.0.1.1.1 (t2_tirm_cor)"));
    EXPECT_EQ(read.study.left_out[0].damaged, c.damaged) << c.what;
    EXPECT_THAT(read.caveats, SizeIs(c.damaged ? 1 : 0)) << c.what;
  }
}

// Puts `uid` in the place of the file's transfer syntax `old_uid`.
void PretendSyntax(const std::filesystem::path& path, std::string old_uid, std::string uid) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  in.close();
  const auto element = [](std::string& value) {
    if (value.size() % 2 != 0) value += '\0';
    return std::string{'U', 'I', static_cast<char>(value.size()), '\0'} + value;
  };
  const std::string old = element(old_uid);
  const auto at = bytes.find(old);
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, old.size(), element(uid));
  // Group length (0002,0000), the first element behind the preamble.
  auto length =
      static_cast<unsigned char>(bytes[140]) + 256U * static_cast<unsigned char>(bytes[141]);
  length = static_cast<unsigned>(length + uid.size() - old_uid.size());
  bytes[140] = static_cast<char>(length & 0xFF);
  bytes[141] = static_cast<char>(length >> 8);
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST(Unreadable, TransferSyntaxIsNamedWithWhatToDo) {
  const std::pair<const char*, const char*> cases[] = {
      {"1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless (1.2.840.10008.1.2.4.201)"},
      {"1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000"},
      {"1.2.840.10008.1.2.4.110", "JPEG XL Lossless"},
      {"1.2.840.10008.1.2.4.112", "JPEG XL"},
      {"1.2.840.10008.1.2.4.94", "JPIP Referenced: the pixels are on another server"},
      {"1.2.840.10008.1.2.4.102", "MPEG-4"},
      {"1.2.840.113619.5.2", "GE private"},
      {"1.2.840.10008.1.2.4.92", "JPEG 2000 Multi-component"},
      {"1.2.3.4.5.6.7", "1.2.3.4.5.6.7"}};
  for (const auto& [uid, name] : cases) {
    TempFolder folder;
    const bool implicit = std::string(uid) == "1.2.840.113619.5.2";
    const auto syntax = implicit ? EXS_LittleEndianImplicit : EXS_LittleEndianExplicit;
    WriteSeries(folder.path(), Small(), nullptr, syntax);
    for (int k : {0, 1}) {
      PretendSyntax(testing::SlicePath(folder.path(), Small(), k), DcmXfer(syntax).getXferID(),
                    uid);
    }
    const Read read = ReadAndLoad(folder.path());
    EXPECT_EQ(read.error, "") << uid;
    EXPECT_THAT(read.study.series, IsEmpty()) << uid;
    ASSERT_THAT(read.study.left_out, SizeIs(1)) << uid;
    EXPECT_TRUE(read.study.left_out[0].damaged) << uid;
    EXPECT_THAT(read.study.left_out[0].reason, HasSubstr(name)) << uid;
    EXPECT_THAT(read.study.left_out[0].reason, HasSubstr("transcode")) << uid;
  }
}

}  // namespace
}  // namespace osteon
