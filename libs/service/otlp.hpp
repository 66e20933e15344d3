// Spans in the JSON form of OTLP/HTTP (opentelemetry-proto, trace/v1). Pure.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "service/tracing.hpp"

namespace carillon::tracing {

using Attributes = std::vector<std::pair<std::string, std::string>>;

// The body of a POST to .../v1/traces; `resource` says whose spans they are (service.name, ...).
std::string otlp_json(const Attributes& resource, const std::vector<Span>& spans);

}  // namespace carillon::tracing
