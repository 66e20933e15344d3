#include "events/cloud_events.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::events;

namespace {

const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

Headers binary() {
  return binary_headers("carillon.dispatch.v1", "carillon/orchestrator", "id-1", from_unix_micros(0), trace);
}

Headers with(std::string_view name, std::string_view value) {
  Headers headers;
  for (const auto& [header, text] : binary()) headers.emplace_back(header, header == name ? value : text);
  return headers;
}

std::string refusal(const Headers& headers, std::string_view value) {
  const Result<CloudEvent> event = read_cloud_event(headers, value);
  return event ? "accepted" : event.error().code + " " + event.error().detail;
}

std::string structured_refusal(std::string_view value) {
  return refusal({{"Content-Type", "application/cloudevents+json; charset=utf-8"}}, value);
}

}  // namespace

TEST_CASE("cloud event: our own headers") {
  CHECK(binary() == Headers{{"ce_specversion", "1.0"},
                            {"ce_id", "id-1"},
                            {"ce_source", "carillon/orchestrator"},
                            {"ce_type", "carillon.dispatch.v1"},
                            {"ce_time", "1970-01-01T00:00:00.000000Z"},
                            {"content-type", "application/json"},
                            {"traceparent", trace}});
  const Headers untraced = binary_headers("t", "s", "i", from_unix_micros(0));
  CHECK(std::ranges::none_of(untraced, [](const auto& header) { return header.first == "traceparent"; }));
}

TEST_CASE("cloud event: binary mode is read as it was written") {
  const CloudEvent event = read_cloud_event(binary(), R"({"a":1})").value();
  CHECK(event.has_attributes);
  CHECK(event.id == "id-1");
  CHECK(event.source == "carillon/orchestrator");
  CHECK(event.type == "carillon.dispatch.v1");
  CHECK(event.time == "1970-01-01T00:00:00.000000Z");
  CHECK(event.traceparent == trace);
  CHECK(event.subject.empty());
  CHECK(event.data == R"({"a":1})");
}

TEST_CASE("cloud event: binary mode over HTTP has other header names and escapes") {
  const CloudEvent event = read_cloud_event({{"Ce-Specversion", "1.0"},
                                             {"Ce-Id", "Euro%20%E2%82%AC%2"},
                                             {"CE-SOURCE", "/shop"},
                                             {"ce-type", "x"},
                                             {"ce-Subject", "order"},
                                             {"ce-custom", "ignored"},
                                             {"Content-Type", "application/json"}},
                                            "{}")
                               .value();
  CHECK(event.id == "Euro €%2");
  CHECK(event.source == "/shop");
  CHECK(event.subject == "order");
}

TEST_CASE("cloud event: a bare JSON body has no attributes") {
  const CloudEvent event =
      read_cloud_event({{"content-type", "application/json; charset=utf-8"}, {"traceparent", trace}}, " {}").value();
  CHECK_FALSE(event.has_attributes);
  CHECK(event.id.empty());
  CHECK(event.traceparent == trace);
  CHECK(event.data == " {}");
  CHECK_FALSE(read_cloud_event({}, "{}").value().has_attributes);
}

TEST_CASE("cloud event: binary mode refuses what breaks the specification") {
  CHECK(refusal(with("ce_specversion", "0.3"), "{}") == "INVALID_CLOUD_EVENT specversion: must be 1.0");
  CHECK(refusal(with("ce_specversion", ""), "{}") == "INVALID_CLOUD_EVENT specversion: missing");
  CHECK(refusal(with("ce_id", ""), "{}") == "INVALID_CLOUD_EVENT id: missing");
  CHECK(refusal(with("ce_source", ""), "{}") == "INVALID_CLOUD_EVENT source: missing");
  CHECK(refusal(with("ce_type", ""), "{}") == "INVALID_CLOUD_EVENT type: missing");
  CHECK(refusal(with("ce_time", "noon"), "{}") ==
        "INVALID_CLOUD_EVENT time: must be a time such as \"2026-01-31T23:59:59Z\"");
  CHECK(refusal(with("ce_id", "a\nb"), "{}") ==
        "INVALID_CLOUD_EVENT id: has a control character or is not valid UTF-8");
  CHECK(refusal(with("ce_id", "\xFF"), "{}") ==
        "INVALID_CLOUD_EVENT id: has a control character or is not valid UTF-8");
  CHECK(refusal(with("ce_id", std::string(1025, 'x')), "{}") == "INVALID_CLOUD_EVENT id: longer than 1024 bytes");
  CHECK(refusal(with("content-type", "text/plain"), "{}") ==
        "INVALID_CLOUD_EVENT content-type: must be application/json");
  CHECK(refusal(binary(), "[]") == "INVALID_CLOUD_EVENT data: must be a JSON object");
  CHECK(refusal(binary(), "") == "INVALID_CLOUD_EVENT data: must be a JSON object");
}

TEST_CASE("cloud event: a malformed traceparent is dropped") {
  for (const char* value : {"", "x", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b701-"}) {
    CHECK(read_cloud_event(with("traceparent", value), "{}").value().traceparent.empty());
  }
}

TEST_CASE("cloud event: structured mode is read, extensions ignored") {
  const CloudEvent event =
      read_cloud_event(
          {{"content-type", "application/cloudevents+json"}},
          R"({"specversion":"1.0","id":"i","source":"s","type":"t","time":"2026-01-31T23:59:59Z","subject":null,
                                                "datacontenttype":"application/json","rank":7,"data":{ "a" : [ 1 ] }})")
          .value();
  CHECK(event.has_attributes);
  CHECK(event.id == "i");
  CHECK(event.source == "s");
  CHECK(event.type == "t");
  CHECK(event.time == "2026-01-31T23:59:59Z");
  CHECK(event.subject.empty());
  CHECK(event.data == R"({"a":[1]})");
}

TEST_CASE("cloud event: structured mode is known by its specversion when only JSON is said, as Python's SDK does") {
  const Headers json{{"content-type", "application/json"}};
  const auto event = read_cloud_event(json, R"({"specversion":"1.0","id":"i","source":"s","type":"t","data":{"a":1}})");
  REQUIRE(event);
  CHECK(event->id == "i");
  CHECK(event->data == R"({"a":1})");
  CHECK_FALSE(read_cloud_event(json, R"({"specversion":"0.3","id":"i","source":"s","type":"t","data":{}})"));
  const auto bare = read_cloud_event(json, R"({"a":1})");
  REQUIRE(bare);
  CHECK_FALSE(bare->has_attributes);
}

TEST_CASE("cloud event: structured mode refuses what breaks the specification") {
  CHECK(structured_refusal("{").starts_with("INVALID_CLOUD_EVENT "));
  CHECK(structured_refusal("[]") == "INVALID_CLOUD_EVENT must be a JSON object");
  CHECK(structured_refusal(R"({"specversion":"1.0","id":"i","source":"s","type":"t"})") ==
        "INVALID_CLOUD_EVENT data: missing");
  CHECK(structured_refusal(R"({"specversion":"1.0","id":"i","source":"s","type":"t","data":"{}"})") ==
        "INVALID_CLOUD_EVENT data: must be a JSON object");
  CHECK(structured_refusal(R"({"specversion":"1.0","id":"i","source":"s","type":"t","data_base64":"e30="})") ==
        "INVALID_CLOUD_EVENT data_base64: not supported; send the JSON in data");
  CHECK(structured_refusal(R"({"specversion":"1.0","id":7,"source":"s","type":"t","data":{}})") ==
        "INVALID_CLOUD_EVENT id: must be text");
  CHECK(structured_refusal(R"({"specversion":"1.0","id":"i","id":"j","source":"s","type":"t","data":{}})") ==
        "INVALID_CLOUD_EVENT id: appears twice");
  CHECK(structured_refusal(R"({"specversion":"1.0","id":"i","source":"s","type":"t","data":{},"data":{}})") ==
        "INVALID_CLOUD_EVENT data: appears twice");
  CHECK(structured_refusal(R"({"specversion":"1.0","source":"s","type":"t","data":{}})") ==
        "INVALID_CLOUD_EVENT id: missing");
  CHECK(structured_refusal(R"({"specversion":"1.0","id":"a\u0000","source":"s","type":"t","data":{}})") ==
        "INVALID_CLOUD_EVENT id: has a control character or is not valid UTF-8");
  CHECK(structured_refusal(R"({"specversion":"1.0","id":"i","source":"s","type":"t","data":{"a":"\u0000"}})") ==
        "INVALID_CLOUD_EVENT data.a: must not contain \\u0000");
  CHECK(structured_refusal(
            R"({"specversion":"1.0","id":"i","source":"s","type":"t","datacontenttype":"text/xml","data":{}})") ==
        "INVALID_CLOUD_EVENT datacontenttype: must be application/json");
  CHECK(refusal({{"content-type", "application/cloudevents-batch+json"}}, "[]") ==
        "INVALID_CLOUD_EVENT content-type: batches are not supported; send one event at a time");
  CHECK(refusal({{"content-type", "application/cloudevents+avro"}}, "{}") ==
        "INVALID_CLOUD_EVENT content-type: must be application/cloudevents+json");
}
