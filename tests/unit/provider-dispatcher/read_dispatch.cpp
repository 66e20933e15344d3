#include "provider-dispatcher/app/read_dispatch.hpp"

#include <catch2/catch.hpp>

#include "events/cloud_events.hpp"

using namespace carillon;
using namespace carillon::dispatcher;

namespace {

const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const std::string other_trace = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

events::Dispatch dispatch() {
  events::Dispatch dispatch;
  dispatch.message_id = "01890000-0000-7000-8000-000000000001";
  dispatch.channel = events::Channel::EMAIL;
  dispatch.recipient = "ann@example.com";
  dispatch.text = "Grüße, \"Ann\"";
  return dispatch;
}

bus::Record binary(std::string_view traceparent) {
  const auto headers = events::binary_headers("carillon.dispatch.v1", "test", "1", UtcTime{}, traceparent);
  return {"key", headers, events::to_json(dispatch())};
}

bus::Record structured(const std::string& traceparent) {
  return {"key",
          {{"content-type", "application/cloudevents+json; charset=utf-8"}, {"traceparent", trace}},
          R"({"specversion":"1.0","id":"1","source":"test","type":"carillon.dispatch.v1",)" +
              (traceparent.empty() ? "" : "\"traceparent\":\"" + traceparent + "\",") +
              "\"data\":" + events::to_json(dispatch()) + "}"};
}

}  // namespace

TEST_CASE("read dispatch: binary mode, bare JSON and structured mode give the same dispatch") {
  for (const bus::Record& record :
       {binary(trace), bus::Record{"", {}, events::to_json(dispatch())}, structured(trace)}) {
    const auto read = read_dispatch(record);
    REQUIRE(read);
    CHECK(read->dispatch == dispatch());
  }
}

TEST_CASE("read dispatch: the trace is the structured event's own, else the header's") {
  CHECK(read_dispatch(binary(trace))->traceparent == trace);
  CHECK(read_dispatch(binary(""))->traceparent.empty());
  CHECK(read_dispatch(structured(other_trace))->traceparent == other_trace);
  CHECK(read_dispatch(structured(""))->traceparent == trace);
}

TEST_CASE("read dispatch: a trace that is no printable text is dropped, the message is not") {
  for (const std::string& bad : {std::string("a\0b", 3), std::string("\xff"), std::string("a b\n")}) {
    const auto read = read_dispatch({"", {{"traceparent", bad}}, events::to_json(dispatch())});
    REQUIRE(read);
    CHECK(read->traceparent.empty());
  }
}

TEST_CASE("read dispatch: what is no dispatch is refused with a reason") {
  CHECK_FALSE(read_dispatch({"", {}, "{\"message_id\": 7}"}));
  CHECK(read_dispatch({"", {{"content-type", "application/cloudevents+json"}}, "{}"}).error().code ==
        "INVALID_CLOUD_EVENT");
}

TEST_CASE("read dispatch: its JSON alone can be read again without the record") {
  for (const bus::Record& record : {binary(trace), structured(trace)}) {
    const auto json = dispatch_json(record);
    REQUIRE(json);
    CHECK(events::from_json<events::Dispatch>(*json).value() == dispatch());
  }
}
