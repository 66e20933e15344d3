// From a bus record to an event: binary or structured CloudEvent, or the bare JSON.
#pragma once
#include "bus/record.hpp"
#include "events/cloud_events.hpp"
#include "events/json.hpp"

namespace carillon::health {

template <class Event>
Result<Event> decode_event(const bus::Record& record) {
  // Our own services write binary mode, whose value is the event itself; only structured mode has to be unwrapped
  // first.
  if (!bus::header(record.headers, "content-type").starts_with("application/cloudevents")) {
    return events::from_json<Event>(record.value);
  }
  auto cloud_event = events::read_cloud_event(record.headers, record.value);
  if (!cloud_event) return cloud_event.error();
  return events::from_json<Event>(cloud_event->data);
}

}  // namespace carillon::health
