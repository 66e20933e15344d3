// Metrics of the pool and the conversations. Thread-safe.
#pragma once
#include <string>

#include "provisioning/core/number_pool.hpp"
#include "service/metrics.hpp"

namespace carillon::provisioning {

class PoolMetrics {
 public:
  explicit PoolMetrics(metrics::Registry& registry) : registry_(registry) {}
  void allocated(AllocationReason reason) {
    registry_
        .counter("carillon_number_pool_allocations_total", "Numbers asked for, by what came of it",
                 {{"reason", std::string(name(reason))}})
        .add();
  }
  void counted(const PoolCounts& counts, std::int64_t waiting) {
    set("AVAILABLE", counts.available);
    set("RESERVED", counts.reserved);
    set("ASSIGNED", counts.assigned);
    registry_.gauge("carillon_number_pool_waiting", "Clients that wait for a number").set(static_cast<double>(waiting));
  }
  // `kind`: SMS, CALL, API; `outcome`: what became of it.
  void came_in(const char* kind, const std::string& outcome) {
    registry_
        .counter("carillon_inbound_messages_total", "Messages and calls that came in, by what became of them",
                 {{"kind", kind}, {"outcome", outcome}})
        .add();
  }
  void refused(const std::string& reason) {
    registry_
        .counter("carillon_inbound_refusals_total", "Calls of the inbound webhooks that were not believed",
                 {{"reason", reason}})
        .add();
  }

 private:
  void set(const char* status, std::int64_t count) {
    registry_.gauge("carillon_number_pool_numbers", "Numbers of the pool, by status", {{"status", status}})
        .set(static_cast<double>(count));
  }
  metrics::Registry& registry_;
};

}  // namespace carillon::provisioning
