#include "service/tracing.hpp"

#include <rapidjson/document.h>

#include <catch2/catch.hpp>

#include "service/otlp.hpp"

namespace carillon::tracing {
namespace {

const std::string trace_id = "0af7651916cd43dd8448eb211c80319c";
const std::string sampled = "00-" + trace_id + "-b7ad6b7169203331-01";
const std::string unsampled = "00-" + trace_id + "-b7ad6b7169203331-00";

// What other tests of this process kept is no concern of these.
struct Kept {
  Kept() {
    configure(false, true);
    while (!take(spans_kept_max).empty()) {
    }
    take_dropped();
  }
  ~Kept() { configure(false, false); }
};

std::string text(const rapidjson::Value& value) {
  return value.IsString() ? value.GetString() : "";
}

TEST_CASE("tracing: a span belongs to the trace that came, below the span that it names") {
  const Span span = child_of(sampled, "decide", Kind::CONSUMER);
  CHECK(span.trace_id == trace_id);
  CHECK(span.parent_span_id == "b7ad6b7169203331");
  CHECK(span.span_id.size() == 16);
  CHECK(span.span_id != child_of(sampled, "decide", Kind::CONSUMER).span_id);
}

TEST_CASE("tracing: nothing is kept while no collector is set, without a trace, or where the sender wants none") {
  const Kept kept;
  record(child_of(unsampled, "decide", Kind::CONSUMER), unsampled);
  record(child_of("", "decide", Kind::CONSUMER), "");
  record(child_of("nonsense", "decide", Kind::CONSUMER), "nonsense");
  configure(false, false);
  CHECK_FALSE(is_on());
  record(child_of(sampled, "decide", Kind::CONSUMER), sampled);
  CHECK(take(10).empty());
  configure(true, false);
  CHECK(is_on());
}

TEST_CASE("tracing: what waits is bounded, and what comes on top is counted") {
  const Kept kept;
  for (std::size_t i = 0; i < spans_kept_max + 3; ++i)
    record(child_of(sampled, std::to_string(i), Kind::CLIENT), sampled);
  CHECK(take_dropped() == 3);
  CHECK(take_dropped() == 0);
  CHECK(take(2).at(1).name == "1");
  CHECK(take(spans_kept_max).size() == spans_kept_max - 2);
  CHECK(take(1).empty());
}

TEST_CASE("tracing: spans are written as OTLP wants them") {
  Span span = child_of(sampled, "call \"postmark\"", Kind::CLIENT);
  span.began = from_unix_micros(1'790'000'000'000'001);
  span.ended = span.began + std::chrono::milliseconds(2);
  span.attributes = {{"outcome", "TRANSIENT"}};
  span.failed = true;
  Span root = child_of(sampled, "GET /healthz", Kind::SERVER);
  root.parent_span_id.clear();
  rapidjson::Document document;
  document.Parse(otlp_json({{"service.name", "carillon-otp"}}, {span, root}).c_str());
  REQUIRE_FALSE(document.HasParseError());
  const auto& of = document["resourceSpans"][0];
  CHECK(text(of["resource"]["attributes"][0]["key"]) == "service.name");
  CHECK(text(of["resource"]["attributes"][0]["value"]["stringValue"]) == "carillon-otp");
  const auto& spans = of["scopeSpans"][0]["spans"];
  REQUIRE(spans.Size() == 2);
  CHECK(text(spans[0]["traceId"]) == trace_id);
  CHECK(text(spans[0]["parentSpanId"]) == "b7ad6b7169203331");
  CHECK(text(spans[0]["name"]) == "call \"postmark\"");
  CHECK(spans[0]["kind"].GetInt() == 3);
  CHECK(text(spans[0]["startTimeUnixNano"]) == "1790000000000001000");
  CHECK(text(spans[0]["endTimeUnixNano"]) == "1790000000002001000");
  CHECK(text(spans[0]["attributes"][0]["value"]["stringValue"]) == "TRANSIENT");
  CHECK(spans[0]["status"]["code"].GetInt() == 2);
  CHECK_FALSE(spans[1].HasMember("parentSpanId"));
  CHECK_FALSE(spans[1].HasMember("status"));
}

}  // namespace
}  // namespace carillon::tracing
