// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/backfill.h"

#include <fmt/core.h>

#include <algorithm>

#include "orthanc-plugin/archive/study_entry.h"

namespace osteon::plugin {
namespace {

constexpr std::size_t kStudiesPerPage = 100;  // In one answer of Orthanc.
constexpr std::size_t kMostTold = 1000;       // In one answer of a dry run.

bool IsDate(const std::string& text) {
  return text.empty() || (text.size() == 8 && std::all_of(text.begin(), text.end(), [](char c) {
                            return c >= '0' && c <= '9';
                          }));
}

bool IsOutside(const StudyStamp& study, const BackfillRequest& request) {
  return study.study_date < request.from_date ||
         (!request.to_date.empty() && study.study_date > request.to_date);
}

std::string Describe(const Job& job) {
  return fmt::format("job {} of it is {}", job.id, Words(job.state));
}

// Why the study is left out; empty when it is to be queued.
std::string WhyNot(const StudyStamp& study, const std::optional<Job>& latest,
                   const BackfillRequest& request) {
  if (IsOutside(study, request))
    return study.study_date.empty() ? "it has no study date" : "its date is outside the range";
  if (!latest) return {};
  if (!IsReported(latest->state)) return Describe(*latest);
  if (request.scope == BackfillScope::kReanalyse) return {};
  return Describe(*latest) + ": it has its report ('reanalyse' makes it anew)";
}

// Opens the job that supersedes a done one.
Status Supersede(JobStore& store, const StudyStamp& study, const Job& done,
                 const BackfillRequest& request, UnixMs now_ms) {
  const auto opened =
      store.Open({study.orthanc_id, study.study_uid, Priority::kBackfill, request.actor,
                  fmt::format("analyse again what job {} did", done.id), done.id},
                 now_ms);
  return opened ? Status() : Status(opened.error());
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
      const auto latest = store.Latest(study.orthanc_id);
      if (!latest) return latest.error();
      const std::string why_not = WhyNot(study, *latest, request);
      report.queued += why_not.empty() ? 1 : 0;
      if (request.run == BackfillRun::kTell) {
        if (report.studies.size() < kMostTold)
          report.studies.push_back({study.study_uid, study.study_date, why_not});
        continue;
      }
      if (!why_not.empty()) continue;
      if (latest->has_value())
        if (Status opened = Supersede(store, study, **latest, request, now_ms); !opened)
          return std::move(opened).error();
      touch.study_ids.push_back(study.orthanc_id);
    }
  }
  if (request.run == BackfillRun::kTell) return report;
  if (Status recorded = store.RecordChanges(touch); !recorded) return std::move(recorded).error();
  return report;
}

}  // namespace osteon::plugin
