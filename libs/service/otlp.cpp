#include "service/otlp.hpp"

#include "http/message.hpp"

namespace carillon::tracing {
namespace {

constexpr int status_error = 2;

void append_attributes(std::string& out, const Attributes& attributes) {
  out += "\"attributes\":[";
  bool first = true;
  for (const auto& [name, value] : attributes) {
    if (!std::exchange(first, false)) out += ',';
    out += "{\"key\":" + http::json_string(name) + ",\"value\":{\"stringValue\":" + http::json_string(value) + "}}";
  }
  out += ']';
}

std::string nanos(UtcTime time) {
  return "\"" + std::to_string(unix_micros(time)) + "000\"";
}

void append_span(std::string& out, const Span& span) {
  out += "{\"traceId\":" + http::json_string(span.trace_id) + ",\"spanId\":" + http::json_string(span.span_id);
  if (!span.parent_span_id.empty()) out += ",\"parentSpanId\":" + http::json_string(span.parent_span_id);
  out += ",\"name\":" + http::json_string(span.name) + ",\"kind\":" + std::to_string(static_cast<int>(span.kind)) +
         ",\"startTimeUnixNano\":" + nanos(span.began) + ",\"endTimeUnixNano\":" + nanos(span.ended) + ",";
  append_attributes(out, span.attributes);
  if (span.failed) out += ",\"status\":{\"code\":" + std::to_string(status_error) + "}";
  out += '}';
}

}  // namespace

std::string otlp_json(const Attributes& resource, const std::vector<Span>& spans) {
  std::string out = "{\"resourceSpans\":[{\"resource\":{";
  append_attributes(out, resource);
  out += "},\"scopeSpans\":[{\"scope\":{\"name\":\"carillon\"},\"spans\":[";
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (i > 0) out += ',';
    append_span(out, spans[i]);
  }
  return out + "]}]}]}";
}

}  // namespace carillon::tracing
