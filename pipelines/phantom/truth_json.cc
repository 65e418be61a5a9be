// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "pipelines/phantom/truth_files.h"

namespace osteon::phantom {
namespace {

using Json = nlohmann::ordered_json;

double Rounded(double value, double step) { return std::round(value / step) * step; }

Json Point(Vec3 p) {
  return Json::array({Rounded(p.x, 0.1), Rounded(p.y, 0.1), Rounded(p.z, 0.1)});
}

// The coarser site names of scorers that have no bone parts: "femur_distal_L", "pelvis_R", "leg_L".
std::string CoarseSite(const BoneUnit& unit) {
  std::string name = unit.bone;
  if (name == "ilium" || name == "ischium" || name == "pubis") name = "pelvis";
  if (name == "tibia" || name == "fibula" || name == "patella") name = "leg";
  if (unit.part == BonePart::kProximal) name += "_proximal";
  if (unit.part == BonePart::kDistal) name += "_distal";
  if (unit.side == Side::kRight) name += "_R";
  if (unit.side == Side::kLeft) name += "_L";
  return name;
}

Json Lesion(const PhantomLesion& lesion) {
  const BoneUnit& unit = UnitOf(lesion.unit);
  return {{"id", lesion.id},
          {"unit", unit.key},
          {"side", std::string(Name(unit.side))},
          {"site", CoarseSite(unit)},
          {"centre_lps", Point(lesion.centre_mm)},
          {"volume_ml", Rounded(lesion.volume_ml, 0.001)},
          {"radius_mm", Rounded(lesion.radius_mm, 0.1)},
          {"strength", Rounded(lesion.strength, 0.001)},
          {"soft_tissue", lesion.soft_tissue},
          {"required", lesion.required},
          {"change", lesion.change}};
}

}  // namespace

Status WriteTruthJson(const std::filesystem::path& file, const PhantomOptions& options,
                      const Body& body, const PhantomTruth& truth,
                      const std::vector<WrittenSeries>& series) {
  const VolumeGeometry& g = body.tissue.geometry();
  const double s = body.spacing_mm();
  Json json;
  json["generator"] = "osteon phantom";
  json["seed"] = options.seed;
  json["study"] = truth.study_instance_uid;
  json["patient"] = {{"age_years", truth.age_years}, {"height_mm", truth.height_mm}};
  const Vec3 o = g.patient_from_voxel.origin;
  json["grid"] = {{"shape", {g.rows, g.slices, g.columns}},
                  {"spacing_zyx", {s, s, s}},
                  {"origin_lps", {o.x, o.y, o.z}},
                  {"axes", "z runs head to feet, y front to back, x right to left"}};
  json["units"] = Json::array();
  for (const BoneUnit& unit : BoneUnits()) json["units"].push_back(unit.key);
  json["series"] = Json::array();
  for (const WrittenSeries& row : series) {
    json["series"].push_back({{"series", row.series_instance_uid},
                              {"sequence", row.sequence},
                              {"description", row.description},
                              {"instances", row.instances}});
  }
  json["lesions"] = Json::array();
  for (const PhantomLesion& lesion : truth.lesions) json["lesions"].push_back(Lesion(lesion));
  json["normal_variants"] = truth.variants;
  std::ofstream out(file);
  out << json.dump(1) << '\n';
  if (!out.flush()) return Unavailable("write " + file.string());
  return {};
}

}  // namespace osteon::phantom
