// Ingress of tenants' snapshots: many requests, one commit (service/gather.hpp). Each becomes a record of
// tenant.alerts.v1.
//
// Thread-safe. offer() never blocks. Answers come on the batch thread, exactly once per offered snapshot.
#pragma once
#include <functional>
#include <map>

#include "bus/bus.hpp"
#include "events/events.hpp"
#include "postgres/connection.hpp"
#include "service/gather.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

enum class MetricsAnswer { ACCEPTED, UNAVAILABLE, FAILED };

struct PendingSnapshot {
  bus::Record record;
  std::function<void(MetricsAnswer)> answer;
};

bus::Record metrics_record(const events::TenantMetrics& metrics, UtcTime now, std::string_view traceparent);

class AcceptMetrics {
 public:
  AcceptMetrics(pg::ConnectionSettings connection, bus::Bus& bus, service::GatherLimits limits,
                metrics::Registry& metrics);
  void start() { gather_.start(); }
  void stop() { gather_.stop(); }  // answers what waits; later offers are refused
  // false: the queue is full or this is stopped; `snapshot` is untouched then.
  bool offer(PendingSnapshot&& snapshot) { return gather_.offer(std::move(snapshot)); }

 private:
  void process(std::vector<PendingSnapshot>& batch);
  MetricsAnswer commit(const std::vector<PendingSnapshot>& batch);

  pg::Connection connection_;  // batch thread only
  bus::Bus& bus_;
  std::map<MetricsAnswer, metrics::Counter> counters_;
  service::Gather<PendingSnapshot> gather_;
};

}  // namespace carillon::orchestrator
