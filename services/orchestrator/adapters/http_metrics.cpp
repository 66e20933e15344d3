#include "orchestrator/adapters/http_metrics.hpp"

#include <memory>

#include "http/media_type.hpp"
#include "orchestrator/core/metrics_snapshot.hpp"
#include "orchestrator/core/send_request.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

constexpr const char* scope = "metrics:write";

http::Response unavailable(std::string_view code, std::string_view detail) {
  http::Response response = http::problem(503, code, detail);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

http::Response refused(const Failure& failure) {
  if (failure.code != "INVALID_FIELD") return http::problem(400, failure.code, failure.detail);
  return http::problem(400, failure.code, failure.detail, "\"field\":" + http::json_string(failed_field(failure)));
}

http::Response response_to(MetricsAnswer answer, const std::string& snapshot_id) {
  switch (answer) {
    case MetricsAnswer::ACCEPTED:
      return http::json(202, "{\"snapshot_id\":\"" + snapshot_id + "\",\"status\":\"ACCEPTED\"}");
    case MetricsAnswer::UNAVAILABLE:
      return unavailable("DATABASE_UNAVAILABLE",
                         "nobody knows whether the snapshot was stored; send it again, nothing is told twice");
    default:
      return http::problem(500, "INTERNAL_ERROR", "the snapshot could not be stored");
  }
}

}  // namespace

HttpMetrics::HttpMetrics(const ClientDirectory& clients, AcceptMetrics& accept, security::ApiKeys& keys,
                         const Clock& clock, std::function<bool()> ready)
    : clients_(clients), accept_(accept), clock_(clock), ready_(std::move(ready)), keys_(keys) {}

void HttpMetrics::routes(http::Router& router) {
  router.add_async(http::Method::POST, "/api/tenants/{id}/metrics",
                   keys_.require(scope, [this](const http::Request& request, const security::ApiKey& key,
                                               http::Reply reply) { on_post(request, key, std::move(reply)); }));
}

void HttpMetrics::on_post(const http::Request& request, const security::ApiKey& key, http::Reply reply) {
  if (!ready_()) return reply(unavailable("NOT_READY", "the clients' states are still being read"));
  if (!http::is_json(http::media_type(request)))
    return reply(http::problem(415, "UNSUPPORTED_MEDIA_TYPE", "send application/json"));
  events::TenantMetrics metrics;
  metrics.tenant_id = request.params.at("id");
  if (!clients_.find(metrics.tenant_id))
    return reply(http::problem(404, "TENANT_NOT_FOUND", "there is no tenant of that id"));
  const UtcTime now = clock_.now();
  auto read = read_metrics(request.body, now);
  if (!read) return reply(refused(read.error()));
  metrics.snapshot_id = new_uuid(now);
  metrics.source = "api:" + key.owner;
  metrics.accepted_at = now;
  metrics.metrics = std::move(*read);
  const auto shared = std::make_shared<http::Reply>(std::move(reply));
  PendingSnapshot pending{
      metrics_record(metrics, now, request.traceparent),
      [shared, id = metrics.snapshot_id](MetricsAnswer answer) { (*shared)(response_to(answer, id)); }};
  if (!accept_.offer(std::move(pending)))
    (*shared)(unavailable("INGRESS_QUEUE_FULL", "too many snapshots wait to be stored; send this one again"));
}

}  // namespace carillon::orchestrator
