// SPDX-License-Identifier: GPL-3.0-or-later
// write_case OUT key=value ...: one synthetic study, its documents, findings.json, pictures and the
// truth, which independent readers check (objects_test.py). Keys: those of CaseOptions, sr,
// language, pdf.
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "pipelines/dicom/documents.h"
#include "pipelines/dicom/objects/source_identity.h"
#include "pipelines/report/findings_json.h"
#include "pipelines/report/pages/pictures.h"
#include "pipelines/report/text.h"
#include "tests/pipelines/report/report_case.h"

namespace osteon::testing {
namespace {

using Json = nlohmann::ordered_json;

Json Vector(Vec3 v) { return {v.x, v.y, v.z}; }

Json PanelJson(const PicturePanel& p) {
  return {{"left", p.left},
          {"top", p.top},
          {"width", p.width},
          {"height", p.height},
          {"origin", Vector(p.patient_from_pixel.origin)},
          {"step_x", Vector(p.patient_from_pixel.step_i)},
          {"step_y", Vector(p.patient_from_pixel.step_j)}};
}

void Set(const std::string& key, const std::string& value, CaseOptions& c, ReportOptions& r) {
  if (key == "plane")
    c.plane = value;
  else if (key == "position")
    c.position = value;
  else if (key == "stations")
    c.stations = value == "1";
  else if (key == "enhanced")
    c.enhanced = value == "1";
  else if (key == "evaluable")
    c.evaluable = value == "1";
  else if (key == "contrasts")
    c.contrasts = value == "1";
  else if (key == "prior")
    c.prior = value == "1";
  else if (key == "then")
    c.then = value == "1";
  else if (key == "lesions")
    c.lesions = std::stoi(value);
  else if (key == "mark")
    c.mark = value == "1";
  else if (key == "variants")
    c.variants = std::stoi(value);
  else if (key == "voxel")
    c.voxel_mm = std::stod(value);
  else if (key == "slice")
    c.slice_mm = std::stod(value);
  else if (key == "frame")
    c.frame_of_reference_uid = value;
  else if (key == "name")
    c.patient_name = value;
  else if (key == "sr")
    r.sr_class = SrClassFromName(value).value();
  else if (key == "language")
    r.language = LanguageFromName(value).value();
  else if (key == "pdf")
    r.write_pdf = value == "1";
  else if (key == "predecessor")
    r.predecessors = {{"2.25.11", "2.25.12", "1.2.840.10008.5.1.4.1.1.88.34", value}};
  else
    Check(false, "write_case: unknown key");
}

void Save(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

int Fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message().c_str());
  return 1;
}

int Run(const std::filesystem::path& out, const CaseOptions& options, const ReportOptions& report) {
  const Result<ReportCase> made = MakeReportCase(out / "source", options);
  if (!made) return Fail(made.error());
  const AnalysedStudy analysed = made->Analysed();
  const ReportText text = WriteText(analysed.findings, report);
  const Result<SourceIdentity> source = ReadSourceIdentity(analysed);
  if (!source) return Fail(source.error());
  const PageIdentity identity{source->name, source->patient_id, source->birth_date, source->sex,
                              source->accession_number};
  const Result<ReportPictures> pictures = DrawPictures(analysed, text, report, identity);
  if (!pictures) return Fail(pictures.error());
  const Result<std::vector<Document>> documents = WriteDocuments(analysed, text, *pictures, report);
  if (!documents) return Fail(documents.error());
  for (const Document& document : *documents) Save(out / document.name, document.bytes);
  Save(out / "overview.png", pictures->overview_png);
  if (!pictures->pdf.empty()) Save(out / "report.pdf", pictures->pdf);
  Save(out / "findings.json", FindingsJson(analysed, text, report, {{}, *documents, ""}));
  Json truth = {{"voxel_mm", options.voxel_mm},
                {"centres_mm", Json::array()},
                {"key_images", Json::array()},
                {"coronal", PanelJson(pictures->coronal)},
                {"sagittal", PanelJson(pictures->sagittal)}};
  for (Vec3 centre : made->centres_mm) truth["centres_mm"].push_back(Vector(centre));
  for (const KeyImage& key : pictures->key_images) {
    truth["key_images"].push_back({{"lesion", key.lesion},
                                   {"plain", PanelJson(key.plain)},
                                   {"outlined", PanelJson(key.outlined)},
                                   {"then", PanelJson(key.then)}});
  }
  Save(out / "truth.json", truth.dump(1));
  return 0;
}

int Main(int argc, char** argv) {
  if (argc < 2) return 2;
  CaseOptions options;
  ReportOptions report = TestReportOptions();
  for (int n = 2; n < argc; ++n) {
    const std::string argument = argv[n];
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos) return 2;
    Set(argument.substr(0, equals), argument.substr(equals + 1), options, report);
  }
  std::filesystem::create_directories(argv[1]);
  return Run(argv[1], options, report);
}

}  // namespace
}  // namespace osteon::testing

int main(int argc, char** argv) {
  try {
    return osteon::testing::Main(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "report_write_case: %s\n", e.what());
    return 1;
  }
}
