#include "orchestrator/app/incoming.hpp"

#include "events/cloud_events.hpp"
#include "orchestrator/app/event_records.hpp"
#include "orchestrator/core/body_hash.hpp"
#include "orchestrator/core/send_request.hpp"
#include "security/digest.hpp"

namespace carillon::orchestrator {

Result<Incoming> opened(Incoming incoming, const security::Sealer& sealer) {
  if (incoming.request.sealed.empty()) return incoming;
  const auto plain = sealer.open(incoming.request.sealed, incoming.request.message_id);
  if (!plain) return plain.error();
  auto content = events::from_json<events::SealedContent>(*plain);
  if (!content) return Failure{"SEAL_BROKEN", "sealed: does not hold a sealed content"};
  incoming.sealed = std::move(incoming.request.sealed);
  incoming.seal_context = incoming.request.message_id;
  incoming.request.sealed.clear();
  incoming.request.recipient = std::move(content->recipient);
  incoming.request.variables = std::move(content->variables);
  return incoming;
}

Result<Incoming> read_request(const bus::Received& received, const security::Sealer& sealer, UtcTime now) {
  auto event = events::read_cloud_event(received.record.headers, received.record.value);
  if (!event) return event.error();
  if (!event->has_attributes)
    return Failure{"INVALID_CLOUD_EVENT", "ce_source: is required, together with ce_id, ce_type and ce_specversion"};
  if (event->type != send_request_type)
    return Failure{"INVALID_CLOUD_EVENT", "ce_type: must be " + std::string(send_request_type)};
  const bool ours = event->source.starts_with(own_sources);
  if (ours && received.stored_seq == 0)
    return Failure{"INVALID_CLOUD_EVENT",
                   "ce_source: what begins with " + std::string(own_sources) + " is this platform's own"};
  auto request = events::from_json<events::SendRequest>(event->data);
  if (!request) return request.error();
  Incoming incoming{std::move(*request), {}, {}, std::move(event->traceparent), false};
  events::SendRequest& r = incoming.request;
  incoming.has_id = ours && !r.source.empty() && !r.message_id.empty();
  if (!incoming.has_id) {
    r.source = std::move(event->source);
    r.accepted_at = now;
    if (r.idempotency_key.empty()) r.idempotency_key = std::move(event->id);
  }
  if (!r.accepted_at) r.accepted_at = now;
  if (auto bad = find_invalid_field(r)) return *bad;
  auto open = opened(std::move(incoming), sealer);
  if (!open) return open;
  if (open->was_sealed()) {
    if (auto bad = find_invalid_field(open->request)) return *bad;
  }
  return open;
}

void seal_content(events::SendRequest& request, const security::Sealer& sealer) {
  events::SealedContent content;
  content.recipient = std::move(request.recipient);
  content.variables = std::move(request.variables);
  request.recipient.clear();
  request.variables = {};
  request.sealed = sealer.seal(events::to_json(content), request.message_id);
}

std::string resting_json(const Incoming& incoming) {
  if (!incoming.was_sealed()) return events::to_json(incoming.request);
  events::SendRequest request = incoming.request;
  request.recipient.clear();
  request.variables = {};
  request.sealed = incoming.sealed;
  request.message_id = incoming.seal_context;
  return events::to_json(request);
}

std::string body_digest(const events::SendRequest& opened_request, bool sensitive, const security::Sealer& sealer) {
  const std::string canonical = canonical_body(opened_request);
  return sensitive ? sealer.sign("request body", canonical) : security::sha256(canonical);
}

}  // namespace carillon::orchestrator
