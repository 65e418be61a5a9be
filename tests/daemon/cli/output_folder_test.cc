// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/output_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace osteon::cli {
namespace {

namespace fs = std::filesystem;

class OutputFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "osteon-out-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  static Analysis Some(bool with_lesions) {
    Analysis analysis;
    analysis.documents.push_back({"sr.dcm", "1", "2", "report"});
    if (with_lesions) analysis.documents.push_back({"seg.dcm", "1", "3", "segments"});
    analysis.findings_json = "{}";
    analysis.overview_png = "png";
    return analysis;
  }
  static std::set<std::string> Names(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
    return names;
  }
  static std::string Text(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  fs::path folder_;
};

TEST_F(OutputFolder, AppearsWholeWithNothingBeside) {
  for (const fs::path& out : {folder_ / "a", folder_ / "b" / ""}) {
    const Status status = WriteAnalysis(Some(true), out);
    ASSERT_TRUE(status) << status.error().message();
    EXPECT_EQ(Names(out),
              (std::set<std::string>{"sr.dcm", "seg.dcm", "findings.json", "overview.png"}));
    EXPECT_EQ(Text(out / "seg.dcm"), "segments");
  }
  EXPECT_EQ(Names(folder_), (std::set<std::string>{"a", "b"}));
}

TEST_F(OutputFolder, ReplacesWhatAnEarlierAnalysisWroteAndLeavesTheRest) {
  const fs::path out = folder_ / "out";
  Analysis first = Some(true);
  first.explanations = {{"candidates.json", "[]"}};
  ASSERT_TRUE(WriteAnalysis(first, out));
  EXPECT_EQ(Text(out / "explain" / "candidates.json"), "[]");
  std::ofstream(out / "notes.txt") << "mine";
  ASSERT_TRUE(WriteAnalysis(Some(false), out));
  EXPECT_EQ(Names(out),
            (std::set<std::string>{"sr.dcm", "findings.json", "overview.png", "notes.txt"}));
  EXPECT_EQ(Text(out / "notes.txt"), "mine");
}

TEST_F(OutputFolder, AFailureLeavesNothing) {
  std::ofstream(folder_ / "file") << "in the way";
  EXPECT_FALSE(WriteAnalysis(Some(true), folder_ / "file" / "out"));
  Analysis broken = Some(true);
  broken.documents.push_back({"no/such/folder.dcm", "1", "4", "x"});
  EXPECT_FALSE(WriteAnalysis(broken, folder_ / "out"));
  EXPECT_EQ(Names(folder_), (std::set<std::string>{"file"}));
}

}  // namespace
}  // namespace osteon::cli
