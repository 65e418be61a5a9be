// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/archive/changes.h"

#include <fmt/core.h>

#include <set>
#include <unordered_map>

#include "orthanc-plugin/archive/json.h"
#include "pipelines/base/digest.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::json;

// An instance arrived. StableSeries and StableStudy are timers, which a restart of Orthanc drops.
bool IsArrival(const std::string& type) {
  return type == "NewInstance" || type == "NewSeries" || type == "NewStudy";
}

// Follows a changed resource up to its study. Nothing when it is gone or is not below a study.
// Series are remembered: a batch is mostly instances of few series.
class StudyFinder {
 public:
  explicit StudyFinder(Archive& archive) : archive_(archive) {}

  Result<std::string> Find(const std::string& type, const std::string& id) {
    if (type == "Study") return id;
    if (type == "Series") return StudyOfSeries(id);
    if (type != "Instance") return std::string();
    auto instance = GetJson(archive_, "/instances/" + id);
    if (!instance) return std::move(instance).error();
    if (!instance->has_value()) return std::string();
    return StudyOfSeries(Text(**instance, "ParentSeries"));
  }

 private:
  Result<std::string> StudyOfSeries(const std::string& id) {
    const auto known = known_.find(id);
    if (known != known_.end()) return known->second;
    auto series = GetJson(archive_, "/series/" + id);
    if (!series) return std::move(series).error();
    return known_[id] = series->has_value() ? Text(**series, "ParentStudy") : std::string();
  }

  Archive& archive_;
  std::unordered_map<std::string, std::string> known_;
};

Result<Json> GetChanges(Archive& archive, const std::string& uri) {
  auto answer = GetJson(archive, uri);
  if (!answer) return std::move(answer).error();
  if (!answer->has_value() || !Child(**answer, "Last").is_number_integer())
    return Unavailable("Orthanc does not tell its changes");
  return **std::move(answer);
}

// REQUIRES: an answer of GetChanges.
ArchiveChange LastOf(const Json& answer) {
  ArchiveChange last;
  last.number = Child(answer, "Last").get<std::int64_t>();
  const Json& changes = Child(answer, "Changes");
  if (!changes.is_array() || changes.empty()) return last;
  const Json& change = changes.back();
  const Json& number = Child(change, "Seq");
  if (number.is_number_integer() && number.get<std::int64_t>() == last.number)
    last.digest = Sha256Hex(Text(change, "Date") + "|" + Text(change, "ChangeType") + "|" +
                            Text(change, "ID"));
  return last;
}

}  // namespace

Result<ArchiveChange> ReadChange(Archive& archive, std::int64_t number) {
  auto answer =
      GetChanges(archive, fmt::format("/changes?limit=1&since={}", number > 0 ? number - 1 : 0));
  if (!answer) return std::move(answer).error();
  ArchiveChange change = LastOf(*answer);
  if (change.number != number) return ArchiveChange{number, ""};
  return change;
}

Result<ChangeBatch> ReadChanges(Archive& archive, std::int64_t since, int limit) {
  auto answer = GetChanges(archive, fmt::format("/changes?since={}&limit={}", since, limit));
  if (!answer) return std::move(answer).error();
  ChangeBatch batch;
  batch.last = LastOf(*answer);
  const Json& done = Child(*answer, "Done");
  batch.done = !done.is_boolean() || done.get<bool>();
  StudyFinder finder(archive);
  std::set<std::string> studies;
  for (const Json& change : Child(*answer, "Changes")) {
    if (!IsArrival(Text(change, "ChangeType"))) continue;
    auto study = finder.Find(Text(change, "ResourceType"), Text(change, "ID"));
    if (!study) return std::move(study).error();
    if (!study->empty()) studies.insert(*study);
  }
  batch.study_ids.assign(studies.begin(), studies.end());
  return batch;
}

Result<ArchiveChange> ReadLastChange(Archive& archive) {
  auto answer = GetChanges(archive, "/changes?last");
  if (!answer) return std::move(answer).error();
  return LastOf(*answer);
}

}  // namespace osteon::plugin
