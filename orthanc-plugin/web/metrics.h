// SPDX-License-Identifier: GPL-3.0-or-later
// Figures for Orthanc's /tools/metrics-prometheus.
#pragma once

#include <string>
#include <vector>

#include "orthanc-plugin/web/context.h"

namespace osteon::plugin {

struct Metric {
  std::string name;  // Prometheus name, "osteon_jobs_ready".
  double value = 0;
};

// Empty when the ledger does not answer: old figures must not look like new ones.
std::vector<Metric> Metrics(const WebContext& context);

}  // namespace osteon::plugin
