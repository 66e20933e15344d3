// Spans: what was done for a request or a message, when, and how it ended. Told to the log at level debug, and kept for
// a collector where one is set (service/app/trace_export.hpp). Both off it costs one load. Thread-safe, never blocks.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "time/utc_time.hpp"

namespace carillon::tracing {

enum class Kind { INTERNAL = 1, SERVER = 2, CLIENT = 3, PRODUCER = 4, CONSUMER = 5 };  // numbers of OTLP

struct Span {
  std::string trace_id, span_id, parent_span_id;  // lower-case hex; parent "" = none that is known
  std::string name;
  Kind kind = Kind::INTERNAL;
  UtcTime began{}, ended{};
  std::vector<std::pair<std::string, std::string>> attributes;  // never a person, a secret or a body
  bool failed = false;
};

// The most spans that wait for the exporter; more are dropped and counted.
inline constexpr std::size_t spans_kept_max = 10'000;

void configure(bool logged, bool kept);
bool is_on();

// A span below the one that `traceparent` names (W3C, as it travels with events); without trace_id when that is none,
// and record() passes it over.
Span child_of(std::string_view traceparent, std::string name, Kind kind);
// Where the sender asked for no recording (flags 00) it is logged and not kept.
void record(Span span, std::string_view traceparent);

// For the exporter.
std::vector<Span> take(std::size_t spans_max);
std::uint64_t take_dropped();  // since the last call

}  // namespace carillon::tracing
