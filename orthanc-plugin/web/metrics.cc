// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/web/metrics.h"

#include "orthanc-plugin/web/views.h"

namespace osteon::plugin {

std::vector<Metric> Metrics(const WebContext& context) {
  const auto counts = context.store.Counts();
  if (!counts) return {};
  std::vector<Metric> metrics;
  for (const auto& [state, count] : counts->by_state)
    metrics.push_back({"osteon_jobs_" + std::string(Name(state)), static_cast<double>(count)});
  for (const Priority priority : kPriorities)
    metrics.push_back(
        {"osteon_waiting_" + std::string(Name(priority)),
         static_cast<double>(counts->waiting_by_priority[static_cast<std::size_t>(priority)])});
  const UnixMs age_ms =
      counts->oldest_waiting_ms == 0 ? 0 : context.clock.Now() - counts->oldest_waiting_ms;
  metrics.push_back({"osteon_oldest_waiting_seconds", static_cast<double>(age_ms) / 1000});
  metrics.push_back({"osteon_copies_waiting", static_cast<double>(counts->copies_waiting)});
  metrics.push_back({"osteon_copies_failed", static_cast<double>(counts->copies_failed)});
  const DispatchStatus dispatch = context.dispatch_status();
  std::uint32_t slots = 0;
  for (const WorkerView& worker : dispatch.workers) slots += worker.slots;
  const bool healthy =
      dispatch.listening && dispatch.trouble.empty() && context.intake_trouble().empty();
  metrics.push_back({"osteon_healthy", healthy ? 1.0 : 0.0});
  metrics.push_back({"osteon_troubles", static_cast<double>(TroubleOf(context).size())});
  metrics.push_back({"osteon_workers", static_cast<double>(dispatch.workers.size())});
  metrics.push_back({"osteon_worker_slots", static_cast<double>(slots)});
  metrics.push_back({"osteon_leases_given_total", static_cast<double>(dispatch.jobs.leases_given)});
  metrics.push_back(
      {"osteon_leases_expired_total", static_cast<double>(dispatch.jobs.leases_expired)});
  metrics.push_back(
      {"osteon_results_stored_total", static_cast<double>(dispatch.jobs.results_stored)});
  metrics.push_back({"osteon_failures_total", static_cast<double>(dispatch.jobs.failures)});
  metrics.push_back({"osteon_retries_total", static_cast<double>(dispatch.jobs.retries)});
  metrics.push_back({"osteon_stale_messages_total", static_cast<double>(dispatch.jobs.stale)});
  metrics.push_back(
      {"osteon_refused_handshakes_total", static_cast<double>(dispatch.router.refused_handshakes)});
  metrics.push_back(
      {"osteon_malformed_messages_total", static_cast<double>(dispatch.router.malformed)});
  metrics.push_back(
      {"osteon_received_bytes_total", static_cast<double>(dispatch.router.received_bytes)});
  metrics.push_back({"osteon_sent_bytes_total", static_cast<double>(dispatch.router.sent_bytes)});
  for (const auto& [stage, ms] : dispatch.jobs.stage_ms)
    metrics.push_back({"osteon_stage_" + stage + "_seconds_total", static_cast<double>(ms) / 1000});
  return metrics;
}

}  // namespace osteon::plugin
