#include "orchestrator/app/accept_metrics.hpp"

#include "events/cloud_events.hpp"
#include "orchestrator/app/event_records.hpp"
#include "postgres/errors.hpp"
#include "service/log.hpp"

namespace carillon::orchestrator {
namespace {

metrics::Counter counter_of(metrics::Registry& metrics, const char* result) {
  return metrics.counter("carillon_tenant_snapshots_total", "Snapshots of tenants by HTTP, by result",
                         {{"result", std::string(result)}});
}

}  // namespace

bus::Record metrics_record(const events::TenantMetrics& metrics, UtcTime now, std::string_view traceparent) {
  return {metrics.tenant_id,
          events::binary_headers("carillon.tenant-metrics.v1", event_source, metrics.snapshot_id, now, traceparent),
          events::to_json(metrics)};
}

AcceptMetrics::AcceptMetrics(pg::ConnectionSettings connection, bus::Bus& bus, service::GatherLimits limits,
                             metrics::Registry& metrics)
    : connection_(std::move(connection)),
      bus_(bus),
      counters_{{MetricsAnswer::ACCEPTED, counter_of(metrics, "accepted")},
                {MetricsAnswer::UNAVAILABLE, counter_of(metrics, "unavailable")},
                {MetricsAnswer::FAILED, counter_of(metrics, "failed")}},
      gather_("accept-metrics", limits, [this](std::vector<PendingSnapshot>& batch) { process(batch); }) {}

void AcceptMetrics::process(std::vector<PendingSnapshot>& batch) {
  const MetricsAnswer answer = commit(batch);
  counters_.at(answer).add(static_cast<double>(batch.size()));
  for (PendingSnapshot& one : batch) one.answer(answer);
}

MetricsAnswer AcceptMetrics::commit(const std::vector<PendingSnapshot>& batch) {
  try {
    pg::Transaction tx(connection_);
    bus::Outbox out;
    for (const PendingSnapshot& one : batch) out.publish(bus::topics::tenant_alerts, one.record);
    bus_.commit(out, tx);
    bus_.wake(out);
    return MetricsAnswer::ACCEPTED;
  } catch (const pg::Conflict&) {
    return MetricsAnswer::UNAVAILABLE;
  } catch (const pg::Unavailable&) {  // perhaps committed: the same snapshot once more raises nothing
    return MetricsAnswer::UNAVAILABLE;
  } catch (const std::exception& error) {
    log::error("METRICS_BATCH_FAILED", {{"snapshots", batch.size()}, {"error", error.what()}});
    return MetricsAnswer::FAILED;
  }
}

}  // namespace carillon::orchestrator
