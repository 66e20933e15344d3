#include "orchestrator/app/prepare_request.hpp"

#include "orchestrator/app/event_records.hpp"
#include "orchestrator/app/incoming.hpp"
#include "orchestrator/core/send_request.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::size_t envelope_bytes_max = 2 * 1024;  // key and headers of a record

// Ordering: the client, without one the recipient, without both nothing to be ordered with.
std::string record_key(const events::SendRequest& request, const security::Sealer& sealer) {
  if (!request.client_id.empty()) return request.client_id;
  return request.recipient.empty() ? request.message_id : sealer.reference(request.recipient);
}

}  // namespace

Result<PendingRequest> prepare_request(events::SendRequest request, const TemplateCatalog& catalog, const Facts& facts,
                                       UtcTime now, std::string_view traceparent) {
  const Template* entry = catalog.find(request.template_key);
  const TemplateMeta* meta = entry ? &entry->meta : nullptr;
  const bool sensitive = (meta && meta->rests_sealed()) || has_secret_recipient(request);
  PendingRequest pending;
  pending.attachments = request.attachments;
  // A test reaches the one recipient it names.
  const bool one = is_test_send(request) && !request.recipient.empty();
  const auto count = one ? 1 : message_count(meta, facts.settings.staff, meta ? paired_with(catalog, *meta) : nullptr);
  pending.claim = {request.source,     request.idempotency_key,          body_digest(request, sensitive, facts.sealer),
                   request.message_id, static_cast<std::int32_t>(count), now};
  std::string ordered_by = record_key(request, facts.sealer);
  if (sensitive) seal_content(request, facts.sealer);
  pending.record = send_request_record(request, std::move(ordered_by), now, traceparent);
  if (pending.record.value.size() + envelope_bytes_max > bus::record_bytes_max)
    return Failure{"REQUEST_TOO_LARGE", "the request is larger than a record of the bus may be"};
  return pending;
}

std::string accepted_json(const std::string& message_id, std::int32_t message_count) {
  std::string body = "{\"message_ids\":[";
  for (std::int32_t n = 0; n < message_count; ++n) {
    if (n > 0) body += ',';
    body += '"' + sibling_uuid(message_id, static_cast<std::uint32_t>(n)) + '"';
  }
  return body + "],\"message_id\":\"" + message_id + "\",\"status\":\"ACCEPTED\"}";
}

}  // namespace carillon::orchestrator
