#include "provider-dispatcher/app/read_dispatch.hpp"

#include <algorithm>

#include "events/cloud_events.hpp"

namespace carillon::dispatcher {

namespace {

// Binary mode and bare JSON hold the event in the value; only structured mode wraps it.
bool is_structured(const bus::Record& record) {
  return bus::header(record.headers, "content-type").starts_with("application/cloudevents+json");
}

// Headers are bytes of any kind, and a trace that can't be followed is no reason to refuse a message.
std::string storable_trace(std::string_view text) {
  const bool printable = std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
  return printable ? std::string(text) : std::string();
}

Result<ReadDispatch> with_trace(Result<events::Dispatch> dispatch, std::string traceparent) {
  if (!dispatch) return dispatch.error();
  return ReadDispatch{std::move(dispatch).value(), std::move(traceparent)};
}

}  // namespace

Result<ReadDispatch> read_dispatch(const bus::Record& record) {
  std::string trace = storable_trace(bus::header(record.headers, "traceparent"));
  if (!is_structured(record)) return with_trace(events::from_json<events::Dispatch>(record.value), std::move(trace));
  auto event = events::read_cloud_event(record.headers, record.value);
  if (!event) return event.error();
  if (!event->traceparent.empty()) trace = std::move(event->traceparent);
  return with_trace(events::from_json<events::Dispatch>(event->data), std::move(trace));
}

Result<std::string> dispatch_json(bus::Record record) {
  if (!is_structured(record)) return std::move(record.value);
  auto event = events::read_cloud_event(record.headers, record.value);
  if (!event) return event.error();
  return std::move(event->data);
}

}  // namespace carillon::dispatcher
