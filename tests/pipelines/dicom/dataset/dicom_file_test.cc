// SPDX-License-Identifier: GPL-3.0-or-later
// Sequences in sequences, as deep as a file of a few MB can hold.
#include "pipelines/dicom/dataset/dicom_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "pipelines/dicom/headers/study_reader.h"
#include "pipelines/dicom/prior/sr_reader.h"
#include "pipelines/dicom/seg/seg_reader.h"
#include "tests/pipelines/dicom/mr_files.h"

namespace osteon {
namespace {

using ::testing::HasSubstr;
using testing::TempFolder;

std::string Repeated(int times, std::string_view bytes) {
  std::string all;
  for (int n = 0; n < times; ++n) all += bytes;
  return all;
}

// Explicit VR little endian: the SOP class, then Content Sequence (0040,A730) in Content Sequence,
// of undefined length (PS3.5 section 7.5.2).
std::filesystem::path WriteNested(const TempFolder& folder, const char* sop_class, int levels) {
  using namespace std::string_view_literals;
  std::filesystem::path path = folder.path() / "nested.dcm";
  DcmFileFormat file;
  file.getDataset()->putAndInsertString(DCM_SOPClassUID, sop_class);
  file.getDataset()->putAndInsertString(DCM_SOPInstanceUID, "1.2.3");
  EXPECT_TRUE(file.saveFile(path.c_str(), EXS_LittleEndianExplicit).good());
  std::ofstream(path, std::ios::binary | std::ios::app)
      << Repeated(levels,
                  "\x40\x00\x30\xA7SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF"sv)
      << Repeated(levels, "\xFE\xFF\x0D\xE0\0\0\0\0\xFE\xFF\xDD\xE0\0\0\0\0"sv);
  return path;
}

TEST(LoadDicomFile, RefusesWhatIsNestedDeeperThanTheStack) {
  const struct {
    int levels;
    bool is_read;
  } cases[] = {{1, true}, {100, true}, {5'000, false}, {200'000, false}};
  for (const auto& c : cases) {
    TempFolder folder;
    const auto path = WriteNested(folder, UID_MRImageStorage, c.levels);
    DcmFileFormat file;
    const OFCondition loaded = LoadDicomFile(file, path);
    EXPECT_EQ(loaded.good(), c.is_read) << c.levels << ": " << loaded.text();
    if (!c.is_read) {
      EXPECT_STREQ(loaded.text(), "sequences are nested too deeply") << c.levels;
    }
  }
}

TEST(LoadDicomFile, EveryReaderLivesThroughNesting) {
  for (const int levels : {300, 200'000}) {
    for (const char* sop_class :
         {UID_MRImageStorage, UID_SegmentationStorage, UID_Comprehensive3DSRStorage}) {
      TempFolder folder;
      const auto path = WriteNested(folder, sop_class, levels);
      RunContext run;
      EXPECT_FALSE(ReadSegmentation(path, {}));
      EXPECT_FALSE(ReadSrFile(path)) << levels;
      const auto study = ReadStudy(folder.path(), {}, run);
      if (!study && levels > 1000) {
        EXPECT_THAT(study.error().message(), HasSubstr("nested too deeply"));
      }
    }
  }
}

}  // namespace
}  // namespace osteon
