#include "http/message.hpp"

#include <catch2/catch.hpp>

#include "http/detail/response_text.hpp"
#include "http/detail/trace_context.hpp"

using namespace carillon::http;

TEST_CASE("json_string: quotes, backslashes and controls are escaped, UTF-8 is kept") {
  CHECK(json_string("a\"b\\c\n\r\t\x01") == "\"a\\\"b\\\\c\\n\\r\\t\\u0001\"");
  CHECK(json_string("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80") == "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"");
}

TEST_CASE("json_string: bytes that are no UTF-8 become U+FFFD") {
  for (const char* bad : {"\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"}) {
    const std::string out = json_string(bad);
    CHECK(out.find("\\ufffd") == 1);
    CHECK(std::all_of(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  }
  CHECK(json_string("\xc3") == "\"\\ufffd\"");
}

TEST_CASE("problem: RFC 9457 members, code and extra members") {
  const Response response = problem(409, "PORTAL_NEEDS_SUBSCRIPTION", "No \"plan\".", "\"field\":\"x\"");
  CHECK(response.status == 409);
  CHECK(response.content_type == "application/problem+json");
  CHECK(response.body ==
        "{\"type\":\"urn:carillon:problem:PORTAL_NEEDS_SUBSCRIPTION\",\"title\":\"Conflict\",\"status\":409,"
        "\"detail\":\"No \\\"plan\\\".\",\"code\":\"PORTAL_NEEDS_SUBSCRIPTION\",\"field\":\"x\"}");
  CHECK(problem(404, "", "").body == "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404}");
}

TEST_CASE("field: names are compared without case, the first one wins") {
  const Fields fields{{"Content-Type", "a"}, {"content-type", "b"}};
  CHECK(field(fields, "CONTENT-TYPE") == "a");
  CHECK(field(fields, "Content-Typ").empty());
}

TEST_CASE("answer head: security headers unless the handler set its own, framing never by the handler") {
  std::string out;
  Response response;
  response.content_type = "text/html; charset=utf-8";
  response.body = "12345";
  response.headers = {{"x-frame-options", "SAMEORIGIN"}, {"Content-Length", "99"}, {"Transfer-Encoding", "chunked"}};
  detail::append_head(out, response, {});
  CHECK(out ==
        "HTTP/1.1 200 OK\r\nx-frame-options: SAMEORIGIN\r\nContent-Type: text/html; charset=utf-8\r\n"
        "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
        "Content-Security-Policy: default-src 'self'\r\nContent-Length: 5\r\n\r\n");
  out.clear();
  detail::append_head(out, {.status = 204}, {.keep_alive = false});
  CHECK(out.find("Content-Length") == std::string::npos);
  CHECK(out.find("Connection: close\r\n") != std::string::npos);
  CHECK(out.find("Cache-Control: no-store\r\n") != std::string::npos);
}

TEST_CASE("header fields: nothing that ends a line gets through") {
  CHECK(detail::is_sendable("X-A", "a b\tc"));
  CHECK_FALSE(detail::is_sendable("X-A", "a\r\nX-B: c"));
  CHECK_FALSE(detail::is_sendable("X-A", std::string_view("a\0b", 3)));
  CHECK_FALSE(detail::is_sendable("X A", "a"));
  CHECK_FALSE(detail::is_sendable("", "a"));
}

TEST_CASE("traceparent: the trace is kept with a new span, anything malformed starts a new trace") {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const std::string incoming = "00-" + trace + "-00f067aa0ba902b7-00";
  Request request;
  detail::set_trace(request, incoming);
  CHECK(request.trace_id == trace);
  CHECK(request.traceparent.size() == incoming.size());
  CHECK(request.traceparent.substr(0, 36) == "00-" + trace + "-");
  CHECK(request.traceparent.substr(36, 16) != "00f067aa0ba902b7");
  CHECK(request.traceparent.substr(52) == "-00");
  const std::vector<std::string> malformed{"",
                                           "00-" + trace + "-00f067aa0ba902b7",
                                           "ff-" + trace + "-00f067aa0ba902b7-01",
                                           incoming + "-x",
                                           "00-" + std::string(32, '0') + "-00f067aa0ba902b7-01",
                                           "00-" + trace + "-0000000000000000-01",
                                           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"};
  for (const std::string& bad : malformed) {
    INFO(bad);
    detail::set_trace(request, bad);
    CHECK(request.trace_id != trace);
    CHECK(request.trace_id.size() == 32);
    CHECK(request.traceparent.substr(3, 32) == request.trace_id);
  }
}
