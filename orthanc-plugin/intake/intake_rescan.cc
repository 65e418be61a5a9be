// SPDX-License-Identifier: GPL-3.0-or-later
// Compares all studies of Orthanc with the ledger, to find what the change log did not tell.
#include <algorithm>
#include <ctime>

#include "orthanc-plugin/intake/intake.h"

namespace osteon::plugin {
namespace {

constexpr std::size_t kStudiesPerPage = 100;

// "20261122T235740", the form of Orthanc's LastUpdate (UTC).
std::string Stamp(UnixMs at_ms) {
  const std::time_t seconds = static_cast<std::time_t>(at_ms / 1000);
  std::tm utc = {};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%dT%H%M%S", &utc);
  return text;
}

}  // namespace

Status Intake::Rescan(Compare compare) {
  const auto born = store_.BornMs();
  if (!born) return born.error();
  const std::string born_stamp = Stamp(*born);
  std::vector<std::string> present;
  std::vector<std::string> changed;
  for (std::size_t from = 0;; from += kStudiesPerPage) {
    auto page = ReadStamps(archive_, from, kStudiesPerPage);
    if (!page) return std::move(page).error();
    if (page->empty()) break;
    for (const StudyStamp& study : *page) {
      present.push_back(study.orthanc_id);
      const auto row = store_.FindStudyRow(study.orthanc_id);
      if (!row) return row.error();
      const bool known_as_is = row->has_value() && compare == Compare::kStamps &&
                               ((*row)->due_ms || (*row)->last_update == study.last_update);
      if (known_as_is || (!row->has_value() && study.last_update < born_stamp)) continue;
      changed.push_back(study.orthanc_id);
    }
  }
  if (compare == Compare::kAll)
    for (const std::string& study_id : changed)
      if (Status checked = CheckReport(study_id); !checked) return checked;
  if (Status recorded = Record(changed, std::nullopt, "found by comparing all studies"); !recorded)
    return recorded;
  // A crash between two steps leaves a job that is collecting while its study is not due.
  if (Status woken = WakeStudies({JobState::kCollecting}); !woken) return woken;
  std::sort(present.begin(), present.end());
  if (Status cancelled = CancelMissing(present); !cancelled) return cancelled;
  next_rescan_ = clock_.Steady() + options_.reconcile_ms;
  return {};
}

Status Intake::WakeStudies(std::vector<JobState> states) {
  JobQuery query;
  query.states = std::move(states);
  query.limit = INT32_MAX;
  const auto jobs = store_.List(query);
  if (!jobs) return jobs.error();
  for (const Job& job : *jobs) {
    const auto row = store_.FindStudyRow(job.study_id);
    if (!row) return row.error();
    if (!row->has_value() || (*row)->due_ms) continue;
    if (Status due = store_.Settle(**row, (*row)->last_update, clock_.Now()); !due) return due;
  }
  return {};
}

}  // namespace osteon::plugin
