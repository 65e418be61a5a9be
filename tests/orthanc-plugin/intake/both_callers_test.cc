// SPDX-License-Identifier: GPL-3.0-or-later
// The same headers, once as files through the reader of `osteon analyze` and once as Orthanc's tags
// through the plugin: both must give the same, right answer for each series.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "orthanc-plugin/archive/frame_json.h"
#include "orthanc-plugin/intake/selection.h"
#include "pipelines/dicom/headers/study_reader.h"
#include "tests/pipelines/dicom/mr_files.h"

namespace osteon::plugin {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using osteon::testing::SeriesSpec;
using osteon::testing::TempFolder;

// As Orthanc's "short" JSON: values as text, sequences as lists.
json ShortJson(DcmItem& item) {
  json out = json::object();
  for (unsigned long n = 0; n < item.card(); ++n) {
    DcmElement* element = item.getElement(n);
    const std::string key = fmt::format("{:04x},{:04x}", element->getGTag(), element->getETag());
    if (auto* sequence = dynamic_cast<DcmSequenceOfItems*>(element)) {
      json items = json::array();
      for (unsigned long i = 0; i < sequence->card(); ++i) {
        items.push_back(ShortJson(*sequence->getItem(i)));
      }
      out[key] = items;
      continue;
    }
    OFString value;
    if (element->getGTag() < 0x7FE0 && element->getOFStringArray(value).good()) {
      out[key] = value.c_str();
    }
  }
  return out;
}

// Orthanc's answers for the files in the folder.
StudyEntry EntryOf(const fs::path& folder) {
  std::map<std::string, SeriesEntry> series;
  std::vector<fs::path> files;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    if (file.is_regular_file()) files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& path : files) {
    DcmFileFormat file;
    EXPECT_TRUE(file.loadFile(path.c_str()).good());
    const json tags = ShortJson(*file.getDataset());
    const std::string uid = tags.value("0020,000e", "");
    SeriesEntry& entry = series[uid];
    entry.series_uid = uid;
    entry.modality = tags.value("0008,0060", "");
    entry.sop_class_uid = tags.value("0008,0016", "");
    entry.manufacturer = tags.value("0008,0070", "");
    entry.instances.push_back({path.string(), tags.value("0008,0018", ""), 1});
    InstanceFrames read = FramesOf(tags);
    entry.description = tags.value("0008,103e", "");
    if (!read.problem.empty()) {
      entry.problem = read.problem;
      entry.problem_physics = read.physics;
    }
    std::move(read.frames.begin(), read.frames.end(), std::back_inserter(entry.frames));
  }
  StudyEntry study;
  study.orthanc_id = "s1";
  for (auto& [uid, entry] : series) study.series.push_back(std::move(entry));
  return study;
}

// All contrasts of the study in the order of the series, "STIR" or "STIR+T1".
std::string OfFiles(const fs::path& folder, std::string& reasons) {
  RunContext run;
  const auto study = osteon::ReadStudy(folder, {}, run);
  EXPECT_TRUE(study.ok());
  std::map<std::string, std::set<std::string>> contrasts;
  for (const SeriesInfo& s : study->series) {
    reasons += s.contrast_reason + " | ";
    contrasts[s.series_instance_uid];
    if (s.contrast != Contrast::kOther) {
      contrasts[s.series_instance_uid].insert(std::string(Name(s.contrast)));
    }
  }
  std::string text;
  for (const auto& [uid, names] : contrasts) {
    std::string joined;
    for (const std::string& name : names) joined += (joined.empty() ? "" : "+") + name;
    text += (text.empty() ? "" : ", ") + (joined.empty() ? "none" : joined);
  }
  return text;
}

std::string OfTags(const fs::path& folder) {
  const StudyEntry entry = EntryOf(folder);
  const Selection selection = Select(entry, {});
  std::string text;
  for (const SeriesVerdict& v : selection.series) {
    text += (text.empty() ? "" : ", ") + (v.class_name.empty() ? "none" : v.class_name);
  }
  return text;
}

void Put(DcmDataset& d, const DcmTagKey& tag, const char* value) {
  EXPECT_TRUE(d.putAndInsertString(tag, value).good());
}

// Changes the files' STIR into another sequence; without a value TR stays.
void As(DcmDataset& d, const char* sequence, const char* te_ms, const char* tr_ms = nullptr) {
  Put(d, DCM_ScanningSequence, sequence);
  Put(d, DCM_EchoTime, te_ms);
  if (tr_ms != nullptr) Put(d, DCM_RepetitionTime, tr_ms);
  d.findAndDeleteElement(DCM_InversionTime);
}

void AsGe(DcmDataset& d) {
  Put(d, DCM_Manufacturer, "GE MEDICAL SYSTEMS");
  Put(d, DCM_ImageType, "ORIGINAL\\PRIMARY\\OTHER");
  As(d, "SE", "85");
}

// A T2 Dixon in one series: the slice's number says which part.
void AsDixonPart(DcmDataset& d, int k, const char* const (&parts)[4]) {
  Put(d, DCM_ImageType, (std::string("DERIVED\\PRIMARY\\") + parts[k % 4]).c_str());
  Put(d, DCM_ImagePositionPatient, k < 4 ? "0\\0\\0" : "0\\6\\0");
}

struct Row {
  const char* what;
  const char* right;
  std::function<void(DcmDataset&, int k)> change;
  const char* description = "cor";
};

const Row kRows[] = {
    {"STIR at 1.5 T", "STIR", [](DcmDataset&, int) {}},
    {"Siemens image filter", "STIR",
     [](DcmDataset& d, int) { Put(d, DCM_ImageType, "ORIGINAL\\PRIMARY\\M\\ND\\NORM\\FM\\FIL"); }},
    {"breath hold in expiration", "STIR", [](DcmDataset&, int) {}, "STIR_cor_thorax_BH_exp"},
    {"a hip is no localiser", "STIR", [](DcmDataset&, int) {}, "hip loc dir fl map"},
    {"TI 0, named", "STIR", [](DcmDataset& d, int) { Put(d, DCM_InversionTime, "0"); }, "COR STIR"},
    {"TI 0, not named: TR and TE leave nothing else", "STIR",
     [](DcmDataset& d, int) { Put(d, DCM_InversionTime, "0"); }},
    {"TI absurd", "STIR", [](DcmDataset& d, int) { Put(d, DCM_InversionTime, "99999"); }},
    {"TI of several values", "STIR",
     [](DcmDataset& d, int) { Put(d, DCM_InversionTime, "165\\2500"); }},
    {"TE 0", "STIR", [](DcmDataset& d, int) { Put(d, DCM_EchoTime, "0"); }},
    {"TE differs by rounding", "STIR",
     [](DcmDataset& d, int k) { Put(d, DCM_EchoTime, k % 3 == 0 ? "70.001" : "70"); }},
    {"FLAIR by physics", "none",
     [](DcmDataset& d, int) {
       Put(d, DCM_InversionTime, "2500");
       Put(d, DCM_RepetitionTime, "9000");
     },
     "stir like"},
    {"phase by Image Type", "none",
     [](DcmDataset& d, int) { Put(d, DCM_ImageType, "ORIGINAL\\PRIMARY\\P\\ND"); }},
    {"magnitude and phase in one series", "STIR",
     [](DcmDataset& d, int k) {
       Put(d, DCM_ImageType, k % 2 == 0 ? "ORIGINAL\\PRIMARY\\M\\ND" : "ORIGINAL\\PRIMARY\\P\\ND");
     }},
    {"GE water prefix", "T2 Dixon water", [](DcmDataset& d, int) { AsGe(d); }, "WATER: Cor T2 WB"},
    {"GE fat prefix", "none", [](DcmDataset& d, int) { AsGe(d); }, "FAT: Cor T2 IDEAL WB"},
    {"a town is no water", "none", [](DcmDataset& d, int) { As(d, "SE", "85"); },
     "Waterford t2 tse cor"},
    {"T2 mDIXON in one series", "T2 Dixon water",
     [](DcmDataset& d, int k) {
       As(d, "SE", "80");
       AsDixonPart(d, k, {"W\\W\\DERIVED", "F\\F\\DERIVED", "IP\\IP\\DERIVED", "OP\\OP\\DERIVED"});
     },
     "T2W_TSE_mDIXON_COR"},
    {"T1 mDIXON in one series, opposed phase first", "T1",
     [](DcmDataset& d, int k) {
       As(d, "GR", "1.3", "3.6");
       AsDixonPart(d, k, {"OP\\OP\\DERIVED", "IP\\IP\\DERIVED", "W\\W\\DERIVED", "F\\F\\DERIVED"});
     },
     "T1_mDIXON_WB"},
    {"T1 spin echo", "T1", [](DcmDataset& d, int) { As(d, "SE", "11", "550"); }},
    {"T1 of a posterior part is no post-contrast", "T1",
     [](DcmDataset& d, int) {
       As(d, "SE", "11", "550");
       Put(d, DCM_ContrastBolusAgent, "NONE");
     },
     "t1 cor posterior"},
    {"T1 with agent", "T1 post contrast",
     [](DcmDataset& d, int) {
       As(d, "SE", "11", "550");
       Put(d, DCM_ContrastBolusAgent, "Gadovist");
     }},
    {"diffusion nulled by inversion, b = 0 and 800 and ADC in one series", "ADC+DWI",
     [](DcmDataset& d, int k) {
       Put(d, DCM_ScanningSequence, "SE\\IR");
       d.putAndInsertFloat64(DCM_DiffusionBValue, k % 3 == 1 ? 800 : 0);
       if (k % 3 == 2) Put(d, DCM_ImageType, "DERIVED\\PRIMARY\\DIFFUSION\\ADC");
     }},
    {"b = 0 written into everything", "STIR",
     [](DcmDataset& d, int) { d.putAndInsertFloat64(DCM_DiffusionBValue, 0); }},
    {"STIR of odd private b-values", "STIR",
     [](DcmDataset& d, int) {
       Put(d, DcmTagKey(0x0043, 0x0010), "GEMS_PARM_01");
       d.putAndInsertString(DcmTag(0x0043, 0x1039, EVR_IS), "0\\8\\0\\0");
     }},
};

TEST(BothCallers, SayTheSameOfEachSeriesAndWhatIsRight) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.what);
    TempFolder folder;
    SeriesSpec spec;
    spec.description = row.description;
    spec.slices = 8;
    osteon::testing::WriteSeries(folder.path(), spec, [&](DcmDataset& d, int k) {
      row.change(d, k);
      return true;
    });
    std::string reasons;
    EXPECT_EQ(OfFiles(folder.path(), reasons), row.right) << reasons;
    EXPECT_EQ(OfTags(folder.path()), row.right);
  }
}

TEST(BothCallers, ReadTheFramesOfAnEnhancedObjectAlike) {
  TempFolder folder;
  SeriesSpec spec;
  spec.description = "cor";
  const char* parts[] = {"WATER", "FAT", "IN_PHASE", "OUT_OF_PHASE"};
  osteon::testing::WriteEnhanced(folder.path() / "a.dcm", spec, [&](DcmDataset& d) {
    DcmItem* shared = nullptr;
    d.findOrCreateSequenceItem(DCM_SharedFunctionalGroupsSequence, shared);
    DcmItem* echo = nullptr;
    shared->findOrCreateSequenceItem(DCM_MREchoSequence, echo);
    echo->putAndInsertFloat64(DCM_EffectiveEchoTime, 80);
    d.findAndDeleteElement(DCM_InversionTime);
    for (int k = 0; k < spec.slices; ++k) {
      DcmItem* frame = nullptr;
      d.findOrCreateSequenceItem(DCM_PerFrameFunctionalGroupsSequence, frame, k);
      for (DcmItem* item : {frame, shared}) {
        item->findAndDeleteElement(DCM_MRModifierSequence);
        if (item == frame) item->findAndDeleteElement(DCM_MREchoSequence);
      }
      DcmItem* type = nullptr;
      frame->findOrCreateSequenceItem(DCM_MRImageFrameTypeSequence, type);
      const std::string value = std::string("DERIVED\\PRIMARY\\DIXON\\") + parts[k % 4];
      type->putAndInsertString(DCM_FrameType, value.c_str());
    }
  });
  std::string reasons;
  const std::string of_files = OfFiles(folder.path(), reasons);
  EXPECT_EQ(of_files, "T2 Dixon water") << reasons;
  EXPECT_EQ(OfTags(folder.path()), of_files);
}

TEST(BothCallers, ReadTheSameGeometry) {
  TempFolder folder;
  SeriesSpec spec;
  osteon::testing::WriteSeries(folder.path(), spec);
  RunContext run;
  const auto study = osteon::ReadStudy(folder.path(), {}, run);
  ASSERT_TRUE(study.ok());
  const StudyEntry entry = EntryOf(folder.path());
  Study of_tags;
  std::vector<Caveat> caveats;
  AddSeries(entry.series[0].frames, {}, of_tags, caveats);
  ASSERT_EQ(of_tags.series.size(), study->series.size());
  EXPECT_TRUE(SameGrid(of_tags.series[0].geometry, study->series[0].geometry));
}

}  // namespace
}  // namespace osteon::plugin
