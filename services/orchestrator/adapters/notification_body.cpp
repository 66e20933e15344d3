#include "orchestrator/adapters/notification_body.hpp"

#include "events/cloud_events.hpp"
#include "http/idempotency_key.hpp"
#include "http/media_type.hpp"
#include "orchestrator/core/send_request.hpp"
#include "values/lower_case.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::string_view cloud_events_type = "application/cloudevents+json";

// HTTP's "ce-id" is the bus's "ce_id".
events::Headers cloud_event_headers(const http::Request& request, const std::string& type) {
  events::Headers headers;
  if (!type.empty()) headers.emplace_back("content-type", type);
  for (const auto& [name, value] : request.headers) {
    const std::string small = lower_case(name);
    if (small.rfind("ce-", 0) == 0) headers.emplace_back("ce_" + small.substr(3), value);
  }
  return headers;
}

std::optional<Failure> set_by_us(const events::SendRequest& r) {
  const auto unknown = [](const char* field) {
    return Failure{"INVALID_FIELD", std::string(field) + ": unknown field"};
  };
  if (!r.message_id.empty()) return unknown("message_id");
  if (!r.source.empty()) return unknown("source");
  if (!r.sealed.empty()) return unknown("sealed");
  if (r.accepted_at) return unknown("accepted_at");
  return std::nullopt;
}

std::optional<Failure> choose_key(events::SendRequest& r, const http::Request& request, std::string event_id,
                                  UtcTime now) {
  const auto key = http::idempotency_key(request);
  if (!key) return key.error();
  if (!key->empty() && !r.idempotency_key.empty() && *key != r.idempotency_key) {
    return Failure{"INVALID_FIELD", "idempotency_key: differs from the Idempotency-Key header; give one of them"};
  }
  if (!key->empty()) r.idempotency_key = *key;
  if (r.idempotency_key.empty()) r.idempotency_key = std::move(event_id);
  if (r.idempotency_key.empty()) r.idempotency_key = "none:" + new_uuid(now);
  return std::nullopt;
}

}  // namespace

Result<events::SendRequest> read_notification(const http::Request& request, const std::string& key_owner, UtcTime now) {
  const std::string type = http::media_type(request);
  const bool cloud_event = type == cloud_events_type || !http::field(request.headers, "ce-specversion").empty();
  if (!cloud_event && !http::is_json(type)) {
    return Failure{"UNSUPPORTED_MEDIA_TYPE", "send application/json or application/cloudevents+json"};
  }
  std::string event_id;
  std::string event_data;
  if (cloud_event) {
    auto event = events::read_cloud_event(cloud_event_headers(request, type), request.body);
    if (!event) return event.error();
    event_id = std::move(event->id);
    event_data = std::move(event->data);
  }
  auto read = events::from_json<events::SendRequest>(cloud_event ? std::string_view(event_data)
                                                                 : std::string_view(request.body));
  if (!read) return read;
  if (auto bad = set_by_us(*read)) return *bad;
  if (auto bad = find_reserved_field(*read)) return *bad;
  if (auto bad = choose_key(*read, request, std::move(event_id), now)) return *bad;
  read->source = "api:" + key_owner;
  read->message_id = new_uuid(now);
  read->accepted_at = now;
  if (auto bad = find_invalid_field(*read)) return *bad;
  return read;
}

}  // namespace carillon::orchestrator
