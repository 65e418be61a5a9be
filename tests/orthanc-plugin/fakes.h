// SPDX-License-Identifier: GPL-3.0-or-later
// An Orthanc and a clock in memory, for the plugin's unit tests.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "orthanc-plugin/ledger/open_job_store.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/digest.h"

namespace osteon::plugin {

inline constexpr UnixMs kHourMs = 3'600'000;

class FakeClock final : public Clock {
 public:
  UnixMs Now() const override { return now_ms; }
  SteadyMs Steady() const override { return steady_ms; }
  void Pass(UnixMs ms) {
    now_ms += ms;
    steady_ms += ms;
  }

  UnixMs now_ms = 1'790'000'000'000;  // 2026-09-21
  SteadyMs steady_ms = 1'000;
};

struct FakeSeries {
  std::string uid;
  std::string modality = "MR";
  std::string manufacturer = "SIEMENS";
  std::string description = "STIR_cor_comp";
  nlohmann::json header;  // Short tags that all instances have in common.
  std::vector<std::string> sop_uids;
  std::vector<std::string> metadata;  // Metadata of its instances.
};

// Coronal, `extent_mm` long.
inline nlohmann::json StirHeader(int extent_mm = 900) {
  return {{"0008,0016", "1.2.840.10008.5.1.4.1.1.4"},
          {"0018,0020", "SE\\IR"},
          {"0018,0082", "165"},
          {"0018,0081", "70"},
          {"0018,0080", "4200"},
          {"0008,0008", "ORIGINAL\\PRIMARY\\M\\ND"},
          {"0020,0037", "1\\0\\0\\0\\0\\-1"},
          {"0028,0030", "1\\1"},
          {"0018,0050", "5"},
          {"0028,0010", std::to_string(extent_mm)},
          {"0028,0011", "400"}};
}

// The part of Orthanc's REST API that the plugin uses, over values that a test can change.
class FakeArchive final : public Archive {
 public:
  struct Study {
    std::string uid;
    std::string patient_id = "P1";
    nlohmann::json patient = {{"PatientBirthDate", "20140501"}};  // In the header of an instance.
    std::string date = "20260901";
    std::string last_update = "20300101T000000";
    std::vector<FakeSeries> series;
  };
  std::map<std::string, Study> studies;  // By Orthanc id.
  std::vector<nlohmann::json> changes;
  std::map<std::string, std::string> files;  // Instances stored by Post, by SOPInstanceUID.
  bool down = false;
  int announced = 0;
  std::function<void(const std::string&)>
      after_get;  // Called before an answer is returned, to change Orthanc meanwhile.
  int posts = 0;
  std::string refuses;  // Orthanc's status for instances that it refuses; empty: it takes all.

  // The study's images arrive: adds rows to the change log.
  void Announce(const std::string& study_id) {
    changes.push_back({{"ChangeType", "NewStudy"},
                       {"ResourceType", "Study"},
                       {"ID", study_id},
                       {"Date", fmt::format("20300101T{}", ++announced)},
                       {"Seq", changes.size() + 1}});
  }

  Result<std::optional<std::string>> Get(const std::string& uri) override {
    if (down) return Unavailable("the fake is down");
    const nlohmann::json answer = Find(uri);
    if (after_get) after_get(uri);
    if (answer.is_null()) return std::optional<std::string>();
    if (answer.is_string()) return std::optional<std::string>(answer.get<std::string>());
    return std::optional<std::string>(answer.dump());
  }

  // "Documents" of these tests are their own parsed form: JSON with the tags.
  Result<std::string> Post(const std::string& uri, std::string_view body) override {
    if (down) return Unavailable("the fake is down");
    ++posts;
    if (uri == "/tools/lookup") {
      nlohmann::json found = nlohmann::json::array();
      if (files.contains(std::string(body)))
        found.push_back({{"Type", "Instance"}, {"ID", std::string(body)}});
      for (const auto& [id, study] : studies)
        if (study.uid == body) found.push_back({{"Type", "Study"}, {"ID", id}});
      return found.dump();
    }
    const std::string uid = nlohmann::json::parse(body)["0008,0018"];
    if (!refuses.empty()) return nlohmann::json{{"Status", refuses}}.dump();
    const bool known = !files.emplace(uid, std::string(body)).second;
    return nlohmann::json{
        {"ID", uid}, {"Status", known ? "AlreadyStored" : "Success"}, {"ParentStudy", "s1"}}
        .dump();
  }

  Status Delete(const std::string& uri) override {
    const std::string id = uri.substr(uri.rfind('/') + 1);
    files.erase(id);
    for (auto& [study_id, study] : studies) {
      for (FakeSeries& series : study.series)
        std::erase_if(series.sop_uids, [&](const auto& uid) { return "instance-" + uid == id; });
      std::erase_if(study.series, [](const FakeSeries& series) { return series.sop_uids.empty(); });
    }
    return {};
  }

  Result<std::string> ParseDicom(std::string_view bytes) override {
    if (!nlohmann::json::accept(bytes)) return InvalidInput("it is not a DICOM file");
    return std::string(bytes);
  }

 private:
  using Json = nlohmann::json;

  static Json SeriesJson(const std::string& study_id, const FakeSeries& series) {
    Json instances = Json::array();
    for (const std::string& uid : series.sop_uids) instances.push_back("instance-" + uid);
    return {{"ID", "series-" + series.uid},
            {"ParentStudy", study_id},
            {"Instances", instances},
            {"LastUpdate", "20300101T000000"},
            {"MainDicomTags",
             {{"SeriesInstanceUID", series.uid},
              {"Modality", series.modality},
              {"Manufacturer", series.manufacturer},
              {"BodyPartExamined", "KNEE"},
              {"SeriesDescription", series.description}}}};
  }

  static Json InstanceJson(const FakeSeries& series, const std::string& sop_uid) {
    return {{"ID", "instance-" + sop_uid},
            {"ParentSeries", "series-" + series.uid},
            {"FileSize", ("file of " + sop_uid).size()},
            {"MainDicomTags", {{"SOPInstanceUID", sop_uid}}}};
  }

  Json StudyJson(const std::string& id) const {
    const Study& study = studies.at(id);
    return {{"ID", id},
            {"ParentPatient", "patient-" + study.patient_id},
            {"LastUpdate", study.last_update},
            {"MainDicomTags", {{"StudyInstanceUID", study.uid}, {"StudyDate", study.date}}},
            {"PatientMainDicomTags", {{"PatientID", study.patient_id}}}};
  }

  Json Find(const std::string& uri) const {
    if (uri.starts_with("/changes")) return FindChanges(uri);
    if (uri.starts_with("/studies?")) return FindPage(uri);
    if (uri.starts_with("/studies/")) return FindStudy(uri.substr(9));
    if (uri.starts_with("/patients/")) return FindPatient(uri.substr(10));
    if (uri.starts_with("/series/")) return FindSeries(uri.substr(8));
    return FindInstance(uri.substr(std::string("/instances/").size()));
  }

  Json FindChanges(const std::string& uri) const {
    const auto number_after = [&](const char* key, std::size_t otherwise) {
      const auto at = uri.find(key);
      return at == std::string::npos ? otherwise : std::stoul(uri.substr(at + std::strlen(key)));
    };
    const std::size_t newest = changes.empty() ? 0 : changes.size() - 1;
    const std::size_t from = std::min(number_after("since=", newest), changes.size());
    const std::size_t to = std::min(changes.size(), from + number_after("limit=", changes.size()));
    Json answer = {{"Changes", Json::array()}, {"Done", to == changes.size()}, {"Last", to}};
    for (std::size_t i = from; i < to; ++i) answer["Changes"].push_back(changes[i]);
    return answer;
  }

  Json FindPage(const std::string& uri) const {
    Json page = Json::array();
    if (uri.find("since=0&") == std::string::npos)
      return page;  // All studies fit on the first page.
    for (const auto& [id, study] : studies) page.push_back(StudyJson(id));
    return page;
  }

  Json FindStudy(const std::string& rest) const {
    const std::string id = rest.substr(0, rest.find('/'));
    if (!studies.contains(id)) return nullptr;
    if (rest == id) return StudyJson(id);
    Json list = Json::array();
    for (const FakeSeries& series : studies.at(id).series) {
      if (rest.ends_with("/series")) list.push_back(SeriesJson(id, series));
      if (rest.ends_with("/instances"))
        for (const std::string& uid : series.sop_uids) list.push_back(InstanceJson(series, uid));
    }
    return list;
  }

  Json FindPatient(const std::string& rest) const {
    Json list = Json::array();
    for (const auto& [id, study] : studies) {
      if ("patient-" + study.patient_id != rest.substr(0, rest.find('/'))) continue;
      if (rest.ends_with("/studies")) list.push_back(StudyJson(id));
      if (rest.ends_with("/series"))
        for (const FakeSeries& series : study.series) list.push_back(SeriesJson(id, series));
    }
    return list;
  }

  Json FindSeries(const std::string& rest) const {
    for (const auto& [id, study] : studies)
      for (const FakeSeries& series : study.series) {
        if (rest == "series-" + series.uid) return SeriesJson(id, series);
        if (rest != "series-" + series.uid + "/instances") continue;
        Json list = Json::array();
        for (const std::string& uid : series.sop_uids) list.push_back(InstanceJson(series, uid));
        return list;
      }
    return nullptr;
  }

  static Json TagsOf(const FakeSeries& series, const std::string& sop_uid) {
    Json tags = series.header;
    const auto slice = std::find(series.sop_uids.begin(), series.sop_uids.end(), sop_uid) -
                       series.sop_uids.begin();
    tags["0020,0032"] = fmt::format("-200\\{}\\0", 5 * slice);
    tags["0008,0018"] = sop_uid;
    tags["0020,000e"] = series.uid;
    tags["0008,103e"] = series.description;
    return tags;
  }

  static Json Header(const Study& study, const FakeSeries& series) {
    Json tags = series.header.is_null() ? Json::object() : series.header;
    tags["PatientID"] = study.patient_id;
    tags.update(study.patient);
    return tags;
  }

  Json FindInstance(const std::string& rest) const {
    const std::string id = rest.substr(0, rest.find('/'));
    if (files.contains(id))
      return rest.ends_with("/study") ? Json{{"ID", "s1"}} : Json(files.at(id));
    for (const auto& [study_id, study] : studies)
      for (const FakeSeries& series : study.series)
        for (const std::string& uid : series.sop_uids) {
          if (id != "instance-" + uid) continue;
          if (rest.ends_with("/tags?short")) return TagsOf(series, uid);
          if (rest.ends_with("/simplified-tags")) return Header(study, series);
          if (rest.ends_with("/metadata")) return series.metadata;
          if (rest.ends_with("/md5")) return Md5Hex("file of " + uid);
          if (rest.ends_with("/file")) return "file of " + uid;
          return InstanceJson(series, uid);
        }
    return nullptr;
  }
};

// A ledger in a file, which is removed at the end of the test.
class TemporaryLedger {
 public:
  explicit TemporaryLedger(UnixMs now_ms) {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "osteon-ledger-XXXXXX").string();
    Check(::mkdtemp(pattern.data()) != nullptr, "a temporary folder can be made");
    folder = pattern;
    Reopen(now_ms);
  }
  ~TemporaryLedger() {
    store.reset();
    std::error_code error;
    std::filesystem::remove_all(folder, error);
  }
  TemporaryLedger(const TemporaryLedger&) = delete;
  TemporaryLedger& operator=(const TemporaryLedger&) = delete;

  std::string path() const { return (folder / "ledger.sqlite").string(); }
  // As at a restart: closes the ledger and opens it again.
  void Reopen(UnixMs now_ms) {
    store.reset();
    auto opened = OpenSqliteJobStore(path(), now_ms);
    Check(opened.ok(), "the ledger opens");
    store = *std::move(opened);
  }

  std::filesystem::path folder;
  std::unique_ptr<JobStore> store;
};

}  // namespace osteon::plugin
