// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/findings_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "pipelines/model/cutoffs.h"
#include "pipelines/model/decimal.h"
#include "pipelines/model/measures.h"

namespace osteon {
namespace {

using Json = nlohmann::ordered_json;

// Positions as in the SR: rounded to 0.01 mm.
Json Point(Vec3 p) {
  Json point = Json::array();
  for (double v : {p.x, p.y, p.z}) point.push_back(std::round(v * 100) / 100);
  return point;
}

Json SiteJson(const Lesion& lesion) {
  const BoneUnit& unit = UnitOf(lesion.unit);
  return {
      {"unit", unit.key},
      {"bone", unit.bone},
      {"side", std::string(Name(SideOf(lesion)))},
      {"code", {{"value", unit.snomed_code}, {"scheme", "SCT"}, {"meaning", unit.snomed_meaning}}}};
}

// Whole numbers as 6, not as 6.0.
Json NumberJson(double v) {
  const double rounded = RoundedDecimal(v);
  if (rounded == std::round(rounded) && std::abs(rounded) < 1e9) return std::llround(rounded);
  return rounded;
}

Json PercentJson(std::optional<double> share) {
  return share ? NumberJson(100 * *share) : Json(nullptr);
}

// Values under their keys; a value that was not assessed is null, with the reason under
// "not_assessed".
template <typename Measures, typename Subject>
void AddMeasures(const Measures& measures, const Subject& subject, Json& out) {
  Json reasons = Json::object();
  for (const auto& measure : measures) {
    const Measured value = measure.value(subject);
    const std::string key(measure.key);
    out[key] = value.value ? NumberJson(*value.value) : Json(nullptr);
    if (!value.value) reasons[key] = value.not_assessed;
  }
  out["not_assessed"] = std::move(reasons);
}

Json ChangeReasonsJson(const std::vector<ChangeReason>& reasons) {
  Json out = Json::array();
  for (const ChangeReason& reason : reasons) {
    out.push_back({{"code", reason.code},
                   {"value", reason.value ? NumberJson(*reason.value) : Json(nullptr)}});
  }
  return out;
}

Json LesionJson(const Lesion& lesion, const std::vector<LesionText>& texts) {
  Json out = {{"number", lesion.number},
              {"class", std::string(Name(lesion.judgement))},
              {"tracking_id", lesion.tracking_id},
              {"tracking_uid", lesion.tracking_uid},
              {"site", SiteJson(lesion)},
              {"segment", std::string(Name(lesion.segment))},
              {"physis", std::string(Name(lesion.physis))},
              {"centroid_mm", Point(lesion.centroid_mm)},
              {"long_axis_mm",
               Json::array({Point(lesion.long_axis_start_mm), Point(lesion.long_axis_end_mm)})},
              {"change", std::string(Name(lesion.change))},
              {"change_reasons", ChangeReasonsJson(lesion.change_reasons)},
              {"reasons", lesion.reasons},
              {"certainty_if_only_percent", PercentJson(lesion.probability_if_only)}};
  AddMeasures(LesionMeasures(), lesion, out);
  const auto text = std::ranges::find(texts, lesion.number, &LesionText::number);
  if (text == texts.end()) return out;
  out["change_reason"] = text->change_reason;
  out["description"] = text->description;
  return out;
}

Json LesionsJson(const std::vector<Lesion>& lesions, const std::vector<LesionText>& texts) {
  Json out = Json::array();
  for (const Lesion& lesion : lesions) out.push_back(LesionJson(lesion, texts));
  return out;
}

Json UnitsJson(const std::vector<UnitId>& units) {
  Json out = Json::array();
  for (UnitId id : units) out.push_back(UnitOf(id).key);
  return out;
}

Json RedFlagsJson(const std::vector<RedFlag>& flags, const ReportText& text) {
  Json out = Json::array();
  for (std::size_t n = 0; n < flags.size(); ++n) {
    Json values = Json::array();
    for (double v : flags[n].values) values.push_back(NumberJson(v));
    out.push_back({{"code", flags[n].code},
                   {"suggests", flags[n].suggests},
                   {"values", std::move(values)},
                   {"lesions", flags[n].lesions},
                   {"strength", std::string(Name(flags[n].strength))},
                   {"uncertain", flags[n].uncertain},
                   {"text", n < text.red_flags.size() ? text.red_flags[n] : std::string()}});
  }
  return out;
}

Json PairsJson(const std::vector<SymmetricPair>& pairs) {
  Json out = Json::array();
  for (const SymmetricPair& pair : pairs)
    out.push_back({{"right", pair.right_lesion}, {"left", pair.left_lesion}});
  return out;
}

Json PatientJson(const Findings& findings, const ReportText& text) {
  const PatientSummary& patient = findings.patient;
  Json out = Json::object();
  AddMeasures(StudyMeasures(), findings, out);
  out["burden_version"] = patient.burden_version;
  out["multifocal"] = patient.multifocal;
  out["pattern"] = patient.pattern;
  out["urgent_height_loss"] = patient.urgent_height_loss;
  out["symmetric_pairs"] = PairsJson(patient.symmetric_pairs);
  out["of_certain_lesions"] = {{"multifocal", patient.of_certain.multifocal},
                               {"pattern", patient.of_certain.pattern},
                               {"symmetric_pairs", PairsJson(patient.of_certain.symmetric_pairs)}};
  out["red_flags"] = RedFlagsJson(patient.red_flags, text);
  out["atypical"] = patient.atypical;
  out["criteria"] = Json::array();
  for (const CriterionItem& item : patient.criteria) {
    out["criteria"].push_back({{"criteria", item.criteria},
                               {"item", item.item},
                               {"present", item.present},
                               {"uncertain", item.uncertain}});
  }
  out["anchor_marrow"] = Json::object();
  for (const auto& [unit, signal] : findings.anchors.marrow) {
    out["anchor_marrow"][UnitOf(unit).key] = NumberJson(signal);
  }
  return out;
}

// A resolved lesion has a site and a prior volume, but no current measurements.
Json ResolvedJson(const Lesion& gone) {
  return {{"number", gone.number},
          {"tracking_id", gone.tracking_id},
          {"tracking_uid", gone.tracking_uid},
          {"site", SiteJson(gone)},
          {"prior_volume_ml",
           gone.prior_volume_ml.value ? NumberJson(*gone.prior_volume_ml.value) : Json(nullptr)}};
}

Json PriorJson(const PriorReference& prior) {
  Json counts = Json::object();
  for (const auto& [change, count] : prior.counts) counts[std::string(Name(change))] = count;
  Json resolved = Json::array();
  for (const Lesion& gone : prior.resolved) resolved.push_back(ResolvedJson(gone));
  return {{"study_instance_uid", prior.study_instance_uid},
          {"study_date", prior.study_date},
          {"sr_sop_instance_uid", prior.sr_sop_instance_uid},
          {"counts", std::move(counts)},
          {"resolved", std::move(resolved)}};
}

Json SeriesJson(const AnalysedStudy& a) {
  Json out = Json::array();
  for (const SeriesChoice::Reason& reason : a.choice.reasons) {
    if (reason.series >= a.study.series.size()) continue;
    const SeriesInfo& info = a.study.series[reason.series];
    out.push_back({{"series_instance_uid", info.series_instance_uid},
                   {"series_number", info.series_number},
                   {"stack", info.stack},
                   {"contrast", std::string(Name(info.contrast))},
                   {"taken", reason.taken},
                   {"reason", reason.text}});
  }
  return out;
}

Json CandidatesJson(const AnalysedStudy& a) {
  Json out = Json::array();
  for (const Candidate& candidate : a.lesions.candidates) {
    out.push_back({{"label", candidate.label},
                   {"unit", candidate.unit == 0 ? Json(nullptr) : Json(UnitOf(candidate.unit).key)},
                   {"class", std::string(Name(candidate.judgement))},
                   {"reasons", candidate.reasons}});
  }
  return out;
}

Json WordsJson(const ReportText& text) {
  return {{"language", std::string(Name(text.language))},
          {"title", text.title},
          {"banner", text.banner},
          {"impression", text.impression},
          {"technique", text.technique},
          {"comparison", text.comparison},
          {"criteria", text.criteria},
          {"limitations", text.limitations}};
}

void AddRun(const RunFacts& run, Json& out) {
  out["documents"] = Json::array();
  for (const Document& document : run.documents) {
    out["documents"].push_back({{"file", document.name},
                                {"sop_class_uid", document.sop_class_uid},
                                {"sop_instance_uid", document.sop_instance_uid}});
  }
  if (!run.inference.empty()) out["inference"] = run.inference;
  if (run.stage_times.empty()) return;
  out["stage_seconds"] = Json::array();
  for (const StageTime& time : run.stage_times) {
    out["stage_seconds"].push_back(
        {{"stage", time.stage},
         {"seconds", RoundedDecimal(time.seconds)},
         {"peak_memory_mib", static_cast<int>(std::lround(time.peak_memory_mib))}});
  }
}

}  // namespace

std::string FindingsJson(const AnalysedStudy& a, const ReportText& text,
                         const ReportOptions& options, const RunFacts& run) {
  const Findings& findings = a.findings;
  Json out = {{"schema_version", 1},
              {"verification", "UNVERIFIED"},
              {"pipeline",
               {{"name", options.pipeline.name},
                {"version", options.pipeline.version},
                {"hash", options.pipeline.hash},
                {"cutoffs_version", cutoffs::kVersion}}},
              {"study_instance_uid", a.study.study_instance_uid},
              {"study_date", a.study.study_date},
              {"evaluable", findings.evaluable},
              {"not_evaluable_reason", findings.not_evaluable_reason},
              {"report", WordsJson(text)},
              {"patient", PatientJson(findings, text)},
              {"lesions", LesionsJson(findings.lesions, text.lesions)},
              {"other_marks", LesionsJson(findings.other_marks, text.other_marks)},
              {"not_imaged", UnitsJson(findings.not_imaged)},
              {"partly_imaged", UnitsJson(findings.partly_imaged)}};
  out["caveats"] = Json::array();
  for (const Caveat& caveat : findings.caveats) {
    out["caveats"].push_back(
        {{"code", caveat.code}, {"text", caveat.text}, {"values", caveat.values}});
  }
  out["prior"] = findings.prior ? PriorJson(*findings.prior) : Json(nullptr);
  out["radiographs"] = Json::array();
  for (const RelatedRadiograph& r : findings.radiographs) {
    out["radiographs"].push_back({{"study_instance_uid", r.study_instance_uid},
                                  {"modality", r.modality},
                                  {"body_part", r.body_part},
                                  {"study_date", r.study_date}});
  }
  out["series"] = SeriesJson(a);
  out["candidates"] = CandidatesJson(a);
  AddRun(run, out);
  // Invalid UTF-8 in a series description must not stop a report.
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace osteon
