#include "provider-dispatcher/app/alert_request.hpp"

#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "provider-dispatcher/app/delivery_events.hpp"
#include "values/message_id.hpp"

namespace carillon::dispatcher {

void request_alert(bus::Outbox& out, std::string_view template_key, const std::string& idempotency_key,
                   std::string variables, std::string_view reason, UtcTime now) {
  events::SendRequest request;
  request.idempotency_key = idempotency_key;
  request.template_key = template_key;
  request.variables.text = std::move(variables);
  request.context = events::Context{std::string(event_source), std::string(reason)};
  bus::Record record;
  record.key = idempotency_key;
  record.headers = events::binary_headers("carillon.send-request.v1", event_source, new_uuid(now), now);
  record.value = events::to_json(request);
  out.publish(bus::topics::send_requests, std::move(record));
}

}  // namespace carillon::dispatcher
