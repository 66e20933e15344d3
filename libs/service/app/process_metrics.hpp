// What monitoring asks of every process: which program of which version it is, and what it uses of the machine.
#pragma once
#include <string>

#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::service {

// The figures are read anew at each scrape. Names as Prometheus's own client libraries have them.
void add_process_metrics(metrics::Registry& registry, const std::string& program, UtcTime started);

}  // namespace carillon::service
