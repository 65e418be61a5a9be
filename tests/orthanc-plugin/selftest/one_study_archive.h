// SPDX-License-Identifier: GPL-3.0-or-later
// An Orthanc in memory with at most one study, "s1", for several threads.
#pragma once

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "orthanc-plugin/archive/archive.h"
#include "pipelines/base/mutex.h"
#include "pipelines/model/geometry.h"

namespace osteon::plugin {

class OneStudyArchive final : public Archive {
 public:
  using Json = nlohmann::json;

  Result<std::optional<std::string>> Get(const std::string& uri) override {
    const MutexLock lock(mutex_);
    if (uri == "/studies/s1/series") return std::optional<std::string>(series_);
    if (uri == "/instances/i1/simplified-tags") return std::optional<std::string>(report_);
    return std::optional<std::string>();
  }
  Result<std::string> Post(const std::string& uri, std::string_view body) override {
    const MutexLock lock(mutex_);
    if (uri == "/tools/lookup")
      return (body == study_ ? Json::array({{{"Type", "Study"}, {"ID", "s1"}}}) : Json::array())
          .dump();
    if (full_) return Unavailable("the disk is full");
    // A file of these tests is its study's UID, a blank and its own.
    study_ = body.substr(0, body.find(' '));
    uids_.emplace(body.substr(body.find(' ') + 1));
    return Json{{"ID", "i"}, {"Status", "Success"}, {"ParentStudy", "s1"}}.dump();
  }
  Status Delete(const std::string& uri) override {
    const MutexLock lock(mutex_);
    if (refuse_deletions_-- > 0) return Unavailable("the database is locked");
    if (uri == "/studies/s1") study_.clear();
    return {};
  }
  Result<std::string> ParseDicom(std::string_view) override { return InvalidInput("not here"); }

  void Report(const std::string& name, Vec3 centre_mm, double ml) {
    const auto code = [](const char* value) { return Json::array({{{"CodeValue", value}}}); };
    const auto item = [&](const char* concept_code, Json members) {
      members["ConceptNameCodeSequence"] = code(concept_code);
      return members;
    };
    const Json group = item(
        "125007",
        {{"ContentSequence",
          {item("121071", {{"ConceptCodeSequence", code("52988006")}}),
           item("111030", {{"GraphicData",
                            fmt::format("{}\\{}\\{}", centre_mm.x, centre_mm.y, centre_mm.z)}}),
           item("118565006",
                {{"MeasuredValueSequence", Json::array({{{"NumericValue", std::to_string(ml)}}})}}),
           item("121106", {{"TextValue", name}})}}});
    const MutexLock lock(mutex_);
    series_ =
        R"([{"MainDicomTags": {"Modality": "SR"}, "Instances": ["i1"]}, {"MainDicomTags": {"Modality": "MR"}, "Instances": ["i"]}])";
    report_ = Json{{"ContentSequence",
                    Json::array({item("126010", {{"ContentSequence", Json::array({group})}})})}}
                  .dump();
  }
  void Put(const std::string& study_uid) {
    const MutexLock lock(mutex_);
    study_ = study_uid;
  }
  void RefuseDeletions(int times) {
    const MutexLock lock(mutex_);
    refuse_deletions_ = times;
  }
  void Fill() {
    const MutexLock lock(mutex_);
    full_ = true;
  }
  std::string study() {
    const MutexLock lock(mutex_);
    return study_;
  }
  std::size_t instances() {
    const MutexLock lock(mutex_);
    return uids_.size();
  }

 private:
  Mutex mutex_;
  std::string study_, series_ = "[]", report_;
  std::set<std::string> uids_;
  int refuse_deletions_ = 0;
  bool full_ = false;
};

}  // namespace osteon::plugin
