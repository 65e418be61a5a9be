// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/digest/morning_digest.h"

#include <algorithm>
#include <map>

#include "orthanc-plugin/dispatch/retry.h"

namespace osteon::plugin {
namespace {

constexpr std::size_t kSlowest = 3;
constexpr std::string_view kOperator = "operator";

bool IsWithin(const Period& period, UnixMs at_ms) {
  return at_ms >= period.since_ms && at_ms < period.until_ms;
}

StuckLine Stuck(const Job& job) {
  StuckLine line{job.id, job.updated_ms, job.reason,
                 std::string(Hint(ErrorCodeFromName(job.error_code))), job.error_code};
  const std::string ending = "; " + line.hint;
  if (line.cause.ends_with(ending)) line.cause.resize(line.cause.size() - ending.size());
  return line;
}

// Reasons that differ by numbers only become one: each number is "...".
std::string WithoutNumbers(const std::string& text) {
  std::string masked;
  bool in_number = false;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !in_number) masked += "...";
    if (!digit) masked += c;
    in_number = digit;
  }
  return masked;
}

// What an operator typed may name a patient.
std::string SkipReason(const Job& job) {
  return job.actor.starts_with(kOperator) ? "set aside by an operator" : job.reason;
}

std::vector<SkippedLine> GroupSkipped(const std::vector<const Job*>& jobs) {
  std::map<std::string, SkippedLine> groups;
  for (const Job* job : jobs) {
    const std::string reason = SkipReason(*job);
    const std::string key = WithoutNumbers(reason);
    SkippedLine& line = groups[key];
    if (line.count++ == 0) {
      line.reason = reason;
      if (reason == job->reason) line.why = job->why;
    }
    if (line.reason != reason) {
      line.reason = key;
      line.why = WithoutNumbers(line.why);
    }
    line.example = std::max(line.example, job->id);
  }
  std::vector<SkippedLine> lines;
  lines.reserve(groups.size());
  for (auto& [key, line] : groups) lines.push_back(std::move(line));
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  return lines;
}

std::vector<UncopiedLine> Uncopied(const std::vector<DeliveryRow>& failed) {
  std::vector<UncopiedLine> lines;
  for (const DeliveryRow& copy : failed) {
    if (lines.empty() || lines.back().job != copy.job) lines.push_back({copy.job, {}});
    lines.back().nodes.push_back(copy.destination);
  }
  return lines;
}

std::vector<SlowLine> Slowest(const std::vector<EndedAttempt>& ended) {
  std::vector<SlowLine> lines;
  for (const EndedAttempt& attempt : ended)
    if (IsReported(attempt.to))
      lines.push_back({attempt.job, attempt.ended_ms - attempt.leased_ms, attempt.worker});
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.took_ms > b.took_ms; });
  lines.resize(std::min(lines.size(), kSlowest));
  return lines;
}

void Count(const EndedAttempt& attempt, WorkerLine& line) {
  line.last_ms = std::max(line.last_ms, attempt.ended_ms);
  if (IsReported(attempt.to))
    ++line.reports;
  else if (attempt.to == JobState::kSkipped)
    ++line.skipped;
  else if (attempt.to == JobState::kRetryWait || attempt.to == JobState::kStuck)
    ++line.failed;
  else
    ++line.released;
}

std::vector<WorkerLine> Workers(const std::vector<EndedAttempt>& ended,
                                const std::vector<WorkerView>& here) {
  std::map<std::string, WorkerLine> by_name;
  for (const EndedAttempt& attempt : ended) Count(attempt, by_name[attempt.worker]);
  for (const WorkerView& worker : here) {
    WorkerLine& line = by_name[worker.name];
    line.here = true;
    line.slots += worker.slots;
  }
  std::vector<WorkerLine> lines;
  for (auto& [name, line] : by_name) {
    line.name = name;
    lines.push_back(std::move(line));
  }
  return lines;
}

void Add(std::vector<std::pair<JobState, std::int64_t>>& counts, JobState state) {
  for (auto& [one, count] : counts)
    if (one == state) ++count;
}

// Whether the job waits to be handed out, now or after a pause.
bool Waits(const Job& job) {
  return job.state == JobState::kReady || job.state == JobState::kRetryWait;
}
bool IsWithWorker(const Job& job) {
  return job.state == JobState::kLeased || job.state == JobState::kStoring;
}

void CountQueue(const Job& job, const Hold& hold, QueueLoad& load, MorningDigest& digest) {
  Add(digest.queue, job.state);
  if (!Waits(job) && !IsWithWorker(job)) return;
  if (digest.oldest_ms == 0 || job.created_ms < digest.oldest_ms) digest.oldest_ms = job.created_ms;
  if (IsWithWorker(job)) {
    load.running_since_ms.push_back(job.updated_ms);
  } else if (hold.kind == HoldKind::kDrain && job.created_ms > hold.since_ms) {
    ++digest.held_back;
  } else {
    ++load.waiting[static_cast<std::size_t>(job.priority)];
  }
}

std::string WhyHeld(const Hold& hold, DispatchMode mode) {
  if (mode == DispatchMode::kOff) return "the plugin's mode is off";
  return hold.kind == HoldKind::kPause ? "paused; 'osteon resume' goes on" : "";
}

}  // namespace

std::size_t NeedsYou(const MorningDigest& digest) {
  return digest.stuck.size() + digest.not_evaluable.size() + (digest.copies_failed > 0 ? 1 : 0) +
         (digest.hold.kind != HoldKind::kNone ? 1 : 0) + digest.trouble.size();
}

MorningDigest MakeDigest(const PeriodRows& rows, const Period& period, const LiveState& live,
                         UnixMs now_ms) {
  MorningDigest digest;
  digest.period = {std::max(period.since_ms, std::min(rows.born_ms, period.until_ms)),
                   std::min(period.until_ms, now_ms)};
  for (const JobState state : kJobStates) {
    digest.came_into.emplace_back(state, 0);
    if (IsOpen(state)) digest.queue.emplace_back(state, 0);
  }
  QueueLoad load;
  std::vector<const Job*> skipped;
  for (const Job& job : rows.jobs) {
    CountQueue(job, rows.hold, load, digest);
    if (job.state == JobState::kStuck) digest.stuck.push_back(Stuck(job));
    if (!IsWithin(period, job.updated_ms)) continue;
    Add(digest.came_into, job.state);
    if (job.state == JobState::kSkipped) skipped.push_back(&job);
    if (job.state == JobState::kNotEvaluable)
      digest.not_evaluable.push_back({job.id, job.updated_ms, job.reason});
  }
  const auto newest_first = [](auto& lines) {
    std::sort(lines.begin(), lines.end(),
              [](const auto& a, const auto& b) { return a.job > b.job; });
  };
  newest_first(digest.stuck);
  newest_first(digest.not_evaluable);
  digest.skipped = GroupSkipped(skipped);
  digest.slowest = Slowest(rows.ended);
  digest.workers = Workers(rows.ended, live.workers);
  digest.hold = rows.hold;
  digest.copies_failed = rows.copies_failed;
  digest.uncopied = Uncopied(rows.failed_copies);
  digest.trouble = live.trouble;
  load.took_ms = rows.took_ms;
  load.held = WhyHeld(rows.hold, live.mode);
  for (const WorkerView& worker : live.workers) load.slots += worker.slots;
  load.slots = std::min(load.slots, static_cast<std::int64_t>(live.max_in_flight));
  digest.estimate = EstimateEmpty(load, live.windows, now_ms);
  return digest;
}

}  // namespace osteon::plugin
