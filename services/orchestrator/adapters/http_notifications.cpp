#include "orchestrator/adapters/http_notifications.hpp"

#include <memory>

#include "orchestrator/adapters/notification_body.hpp"
#include "orchestrator/app/event_records.hpp"
#include "orchestrator/app/incoming.hpp"
#include "orchestrator/core/attachment_rules.hpp"
#include "orchestrator/core/send_request.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::size_t envelope_bytes_max = 2 * 1024;  // key and headers of a record
constexpr const char* scope = "notifications:send";

http::Response unavailable(std::string_view code, std::string_view detail) {
  http::Response response = http::problem(503, code, detail);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

http::Response refused(const Failure& failure) {
  if (failure.code == "UNSUPPORTED_MEDIA_TYPE") return http::problem(415, failure.code, failure.detail);
  if (failure.code != "INVALID_FIELD") return http::problem(400, failure.code, failure.detail);
  return http::problem(400, failure.code, failure.detail, "\"field\":" + http::json_string(failed_field(failure)));
}

http::Response accepted(const AcceptAnswer& answer) {
  std::string body = "{\"message_ids\":[";
  for (std::int32_t n = 0; n < answer.message_count; ++n) {
    if (n > 0) body += ',';
    body += '"' + sibling_uuid(answer.message_id, static_cast<std::uint32_t>(n)) + '"';
  }
  body += "],\"message_id\":\"" + answer.message_id + "\",\"status\":\"ACCEPTED\"}";
  http::Response response = http::json(202, std::move(body));
  response.headers.emplace_back("Location", "/api/notifications/" + answer.message_id);
  return response;
}

http::Response response_to(const AcceptAnswer& answer) {
  switch (answer.kind) {
    case AcceptAnswer::Kind::ACCEPTED:
      return accepted(answer);
    case AcceptAnswer::Kind::KEY_REUSED:
      return http::problem(422, "IDEMPOTENCY_KEY_REUSED",
                           "this idempotency key was used for another request body; use a new key",
                           "\"field\":\"idempotency_key\"");
    case AcceptAnswer::Kind::REFUSED:
      return http::problem(422, answer.reason, answer.detail, "\"field\":\"attachments\"");
    case AcceptAnswer::Kind::UNAVAILABLE:
      return unavailable("DATABASE_UNAVAILABLE",
                         "nobody knows whether the request was stored; send it again with the same idempotency key");
    default:
      return http::problem(500, "INTERNAL_ERROR", "the request could not be stored");
  }
}

// Ordering: the client, without one the recipient, without both nothing to be ordered with.
std::string record_key(const events::SendRequest& request, const security::Sealer& sealer) {
  if (!request.client_id.empty()) return request.client_id;
  return request.recipient.empty() ? request.message_id : sealer.reference(request.recipient);
}

}  // namespace

HttpNotifications::HttpNotifications(const Facts& facts, AcceptRequests& accept, security::ApiKeys& keys,
                                     const Clock& clock)
    : facts_(facts), accept_(accept), clock_(clock), keys_(keys) {}

void HttpNotifications::routes(http::Router& router) {
  router.add_async(http::Method::POST, "/api/notifications",
                   keys_.require(scope, [this](const http::Request& request, const security::ApiKey& key,
                                               http::Reply reply) { on_post(request, key, std::move(reply)); }));
}

void HttpNotifications::on_post(const http::Request& request, const security::ApiKey& key, http::Reply reply) {
  const auto catalog = facts_.templates.catalog();
  if (!catalog) return reply(unavailable("NOT_READY", "templates are not loaded yet"));
  const UtcTime now = clock_.now();
  auto read = read_notification(request, key.owner, now);
  if (!read) return reply(refused(read.error()));
  const Template* entry = catalog->find(read->template_key);
  const TemplateMeta* meta = entry ? &entry->meta : nullptr;
  const bool sensitive = (meta && meta->rests_sealed()) || has_secret_recipient(*read);
  if (const auto refusal = attachments_not_allowed(*read, meta, sensitive))
    return reply(http::problem(422, refusal->reason, refusal->detail, "\"field\":\"attachments\""));

  PendingRequest pending;
  pending.attachments = read->attachments;
  pending.claim = {read->source,
                   read->idempotency_key,
                   body_digest(*read, sensitive, facts_.sealer),
                   read->message_id,
                   static_cast<std::int32_t>(
                       message_count(meta, facts_.settings.staff, meta ? paired_with(*catalog, *meta) : nullptr)),
                   now};
  std::string ordered_by = record_key(*read, facts_.sealer);
  if (sensitive) seal_content(*read, facts_.sealer);
  pending.record = send_request_record(*read, std::move(ordered_by), now, request.traceparent);
  if (pending.record.value.size() + envelope_bytes_max > bus::record_bytes_max) {
    return reply(http::problem(413, "REQUEST_TOO_LARGE", "the request is larger than a record of the bus may be"));
  }
  const auto shared = std::make_shared<http::Reply>(std::move(reply));
  pending.answer = [shared](AcceptAnswer answer) { (*shared)(response_to(answer)); };
  if (!accept_.offer(std::move(pending)))
    (*shared)(unavailable("INGRESS_QUEUE_FULL", "too many requests wait to be stored; send this one again"));
}

}  // namespace carillon::orchestrator
