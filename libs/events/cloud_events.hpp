// CloudEvents 1.0 over bus records: binary mode (ce_* headers) is written; binary and structured mode are read.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/headers.hpp"
#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::events {

struct CloudEvent {
  std::string id, source, type, time, subject, traceparent;
  std::string data;             // the event's JSON
  bool has_attributes = false;  // false: a bare JSON body without CloudEvents attributes
};

// Headers of one of our own events: ce_specversion, ce_id, ce_source, ce_type, ce_time, content-type, traceparent when
// set.
Headers binary_headers(std::string_view type, std::string_view source, std::string_view id, UtcTime now,
                       std::string_view traceparent = {});

// Attributes come as "ce_..." headers (Kafka), "ce-..." headers (HTTP) or inside the value (content-type
// application/cloudevents+json, or JSON with a specversion and no such headers). In binary mode the value is only seen
// to begin like a JSON object; from_json checks it. A malformed traceparent is dropped. Failure code
// INVALID_CLOUD_EVENT (missing attribute, specversion not 1.0, data not JSON, ...).
Result<CloudEvent> read_cloud_event(const Headers& headers, std::string_view value);

// Types: "carillon.send-request.v1", "carillon.dispatch.v1", "carillon.message-log.v1", "carillon.audit.v1",
// "carillon.client-state.v1", "carillon.provider-state.v1", "carillon.feedback.v1".
}  // namespace carillon::events
