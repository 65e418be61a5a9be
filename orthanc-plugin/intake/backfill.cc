// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/backfill.h"

#include <algorithm>

#include "orthanc-plugin/archive/study_entry.h"

namespace osteon::plugin {
namespace {

constexpr std::size_t kStudiesPerPage = 100;  // In one answer of Orthanc.

bool IsDate(const std::string& text) {
  return text.empty() || (text.size() == 8 && std::all_of(text.begin(), text.end(), [](char c) {
                            return c >= '0' && c <= '9';
                          }));
}

// True when the study is to be touched; opens the job that supersedes a done one.
Result<bool> Queue(JobStore& store, const StudyStamp& study, const BackfillRequest& request,
                   UnixMs now_ms) {
  const auto job = store.Latest(study.orthanc_id);
  if (!job) return job.error();
  if (!job->has_value()) return true;
  if (request.scope != BackfillScope::kReanalyse || !IsReported((*job)->state)) return false;
  const auto opened =
      store.Open({study.orthanc_id, study.study_uid, Priority::kBackfill, request.actor,
                  "analyse again what job " + std::to_string((*job)->id) + " did", (*job)->id},
                 now_ms);
  if (!opened) return opened.error();
  return true;
}

}  // namespace

Result<BackfillReport> Backfill(Archive& archive, JobStore& store, const GateOptions& gate,
                                const BackfillRequest& request, UnixMs now_ms) {
  if (!IsDate(request.from_date) || !IsDate(request.to_date))
    return InvalidInput("dates are written YYYYMMDD");
  BackfillReport report;
  JobStore::Touch touch;
  touch.now_ms = now_ms;
  touch.quiet_ms = gate.quiet_ms;
  touch.force_ms = gate.force_ms;
  touch.priority = Priority::kBackfill;
  touch.reason = "backfill by " + request.actor;
  for (std::size_t from = 0;; from += kStudiesPerPage) {
    auto page = ReadStamps(archive, from, kStudiesPerPage);
    if (!page) return std::move(page).error();
    if (page->empty()) break;
    for (const StudyStamp& study : *page) {
      ++report.looked_at;
      if (study.study_date < request.from_date) continue;
      if (!request.to_date.empty() && study.study_date > request.to_date) continue;
      const auto queue = Queue(store, study, request, now_ms);
      if (!queue) return queue.error();
      if (*queue) touch.study_ids.push_back(study.orthanc_id);
    }
  }
  report.queued = touch.study_ids.size();
  if (Status recorded = store.RecordChanges(touch); !recorded) return std::move(recorded).error();
  return report;
}

}  // namespace osteon::plugin
