// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "pipelines/phantom/phantom.h"

namespace osteon {
namespace {

namespace fs = std::filesystem;

class PhantomFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / fmt::format("osteon_phantom_test_{}", getpid());
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  PhantomOptions Small(const char* name) const {
    PhantomOptions options;
    options.out = root_ / name;
    options.in_plane_mm = 3;
    options.slice_mm = 6;
    options.gap_mm = 2;
    options.child = true;
    return options;
  }
  static std::string Bytes(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // Standard output and error of a command.
  std::string Output(const std::string& command) const {
    const fs::path out = root_ / "output.txt";
    (void)std::system((command + " > '" + out.string() + "' 2>&1").c_str());
    return Bytes(out);
  }

  fs::path root_;
};

TEST_F(PhantomFiles, SameOptionsGiveTheSameBytes) {
  RunContext run;
  for (const char* name : {"a", "b"}) {
    PhantomOptions options = Small(name);
    options.series = {PhantomSeries::kStir, PhantomSeries::kDiffusion};
    ASSERT_TRUE(WritePhantom(options, run).ok());
  }
  int compared = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root_ / "a")) {
    if (!entry.is_regular_file()) continue;
    const fs::path other = root_ / "b" / fs::relative(entry.path(), root_ / "a");
    ASSERT_EQ(Bytes(entry.path()), Bytes(other)) << entry.path();
    ++compared;
  }
  EXPECT_GT(compared, 50);
}

TEST_F(PhantomFiles, AnotherSeedGivesAnotherStudy) {
  RunContext run;
  PhantomOptions options = Small("a");
  const Result<PhantomTruth> first = WritePhantom(options, run);
  options.out = root_ / "b";
  options.seed = 2;
  const Result<PhantomTruth> second = WritePhantom(options, run);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first->study_instance_uid, second->study_instance_uid);
  EXPECT_NE(Bytes(root_ / "a/dicom/002/0010.dcm"), Bytes(root_ / "b/dicom/002/0010.dcm"));
}

TEST_F(PhantomFiles, TheSameSeedAcrossNewYearIsTheSamePatient) {
  RunContext run;
  std::vector<std::string> births;
  for (const char* date : {"20261220", "20270110"}) {
    PhantomOptions options = Small(date);
    options.study_date = date;
    ASSERT_TRUE(WritePhantom(options, run).ok());
    births.push_back(
        Output("dcmdump +P 0010,0030 '" + (options.out / "dicom/002/0010.dcm").string() + "'"));
    EXPECT_NE(births.back().find("[20"), std::string::npos) << births.back();
  }
  EXPECT_EQ(births[0], births[1]);
}

TEST_F(PhantomFiles, TruthNamesEveryLesionAndSeries) {
  RunContext run;
  PhantomOptions options = Small("a");
  options.stations = true;
  options.lesions = 5;
  options.series = {PhantomSeries::kStir, PhantomSeries::kT1};
  const Result<PhantomTruth> truth = WritePhantom(options, run);
  ASSERT_TRUE(truth.ok()) << truth.error().message();
  const auto json = nlohmann::json::parse(Bytes(options.out / "truth.json"));
  ASSERT_EQ(json["lesions"].size(), 5u);
  for (const auto& row : json["lesions"]) {
    EXPECT_TRUE(UnitByKey(row["unit"].get<std::string>()).has_value());
    EXPECT_GT(row["volume_ml"].get<double>(), 0);
  }
  EXPECT_EQ(json["series"].size(), static_cast<std::size_t>(truth->series));
  EXPECT_GE(truth->series, 6) << "three table positions or more, for each of two contrasts";
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(options.out / "dicom"))
    files += entry.is_regular_file();
  EXPECT_EQ(files, truth->instances);
  // numpy reads the arrays, and their counts are those of truth.json.
  const std::string script =
      "import json,numpy as "
      "np,sys;d=sys.argv[1];t=json.load(open(d+'/truth.json'));z=np.load(d+'/truth.npz');"
      "assert "
      "list(z['lesions'].shape)==t['grid']['shape'],'shape';ml=np.prod(t['grid']['spacing_zyx'])/"
      "1000;"
      "assert all(abs((z['lesions']==r['id']).sum()*ml-r['volume_ml'])<.002 for r in "
      "t['lesions']),'volume';"
      "named=[u for u in t['units'] if not u.startswith('unnamed')];"
      "assert len(np.unique(z['units']))==len(named)+1,'units';print('agrees')";
  EXPECT_EQ(Output("/usr/bin/python3 -c \"" + script + "\" '" + options.out.string() + "'"),
            "agrees\n");
}

TEST_F(PhantomFiles, OtherReadersTakeThem) {
  RunContext run;
  PhantomOptions options = Small("a");
  options.series = {PhantomSeries::kStir, PhantomSeries::kT1, PhantomSeries::kDiffusion};
  options.patient_name = "Müller^Zoë";
  ASSERT_TRUE(WritePhantom(options, run).ok());
  for (const char* folder : {"002", "003", "004", "005", "006"}) {
    const std::string file = (options.out / "dicom" / folder / "0007.dcm").string();
    const std::string said = Output("dciodvfy '" + file + "'");
    EXPECT_NE(said.find("MRImage"), std::string::npos) << said;
    EXPECT_EQ(said.find("Error"), std::string::npos) << folder << ": " << said;
  }
  const std::string converted =
      Output("dcm2niix -o '" + root_.string() + "' -f %s '" + options.out.string() + "/dicom/002'");
  EXPECT_NE(converted.find("Convert "), std::string::npos) << converted;
  EXPECT_TRUE(fs::exists(root_ / "2.nii")) << converted;
}

TEST_F(PhantomFiles, RefusesWhatItCannotDraw) {
  struct Case {
    const char* named;
    void (*spoil)(PhantomOptions&);
  };
  const Case cases[] = {
      {"lesions", [](PhantomOptions& o) { o.lesions = 41; }},
      {"age_years", [](PhantomOptions& o) { o.age_years = 1; }},
      {"in_plane_mm", [](PhantomOptions& o) { o.in_plane_mm = 0.2; }},
      {"tesla", [](PhantomOptions& o) { o.tesla = 7; }},
      {"study_date", [](PhantomOptions& o) { o.study_date = "today"; }},
      {"birth", [](PhantomOptions& o) { o.study_date = "20050301"; }},
      {"series", [](PhantomOptions& o) { o.series.clear(); }},
      {"folder", [](PhantomOptions& o) { o.out.clear(); }},
  };
  for (const Case& c : cases) {
    PhantomOptions options = Small("x");
    c.spoil(options);
    RunContext run;
    const Result<PhantomTruth> truth = WritePhantom(options, run);
    ASSERT_FALSE(truth.ok()) << c.named;
    EXPECT_EQ(truth.error().code(), ErrorCode::kInvalidInput);
    EXPECT_NE(truth.error().message().find(c.named), std::string::npos) << truth.error().message();
  }
  EXPECT_FALSE(ParsePhantomSeries("stir,flair").ok());
  EXPECT_EQ(ParsePhantomSeries("stir,t1,dwi")->size(), 3u);
}

TEST_F(PhantomFiles, StopsWhenCancelled) {
  RunContext run;
  run.Cancel();
  const Result<PhantomTruth> truth = WritePhantom(Small("a"), run);
  ASSERT_FALSE(truth.ok());
  EXPECT_EQ(truth.error().code(), ErrorCode::kCancelled);
}

TEST_F(PhantomFiles, SaysWhichFileItCouldNotWrite) {
  std::ofstream(root_ / "file") << "in the way";
  PhantomOptions options = Small("file");
  RunContext run;
  const Result<PhantomTruth> truth = WritePhantom(options, run);
  ASSERT_FALSE(truth.ok());
  EXPECT_EQ(truth.error().code(), ErrorCode::kUnavailable);
  EXPECT_NE(truth.error().message().find("file"), std::string::npos);
}

}  // namespace
}  // namespace osteon
