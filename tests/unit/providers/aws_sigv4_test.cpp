#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/aws/sigv4.hpp"

namespace {

using namespace carillon::dispatcher::aws;
namespace http = carillon::http;

// The credentials and the time of AWS's own examples and of its test suite for signers.
const Credentials example{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const carillon::UtcTime example_time = *carillon::from_rfc3339("2015-08-30T12:36:00Z");

std::string authorization(http::Call call, const std::string& service = "service",
                          const Credentials& credentials = example) {
  sign(call, credentials, {"us-east-1", service}, example_time);
  return std::string(http::field(call.headers, "Authorization"));
}

std::string signature(http::Call call, const std::string& service = "service") {
  const std::string text = authorization(std::move(call), service);
  return text.substr(text.rfind('=') + 1);
}

http::Call get(const std::string& url, http::Fields headers = {}) {
  http::Call call;
  call.method = http::Method::GET;
  call.url = url;
  call.headers = std::move(headers);
  return call;
}

const std::string vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

TEST_CASE("sigv4: the example of the documentation") {
  const http::Call call = get("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
                              {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}});
  CHECK(authorization(call, "iam") ==
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST_CASE("sigv4: requests of the test suite for signers") {
  CHECK(signature(get("https://example.amazonaws.com/")) == vanilla);
  CHECK(signature(get("https://example.amazonaws.com/?Param2=value2&Param1=value1")) ==
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
  CHECK(signature(get("https://example.amazonaws.com/",
                      {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}})) ==
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea");
  CHECK(
      signature(get("https://example.amazonaws.com/", {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}})) ==
      "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
  http::Call post = get("https://example.amazonaws.com/", {{"Content-Type", "application/x-www-form-urlencoded"}});
  post.method = http::Method::POST;
  post.body = "Param1=value1";
  CHECK(signature(post) == "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

TEST_CASE("sigv4: a path in another form of the same resource has the same signature") {
  for (const char* url :
       {"https://example.amazonaws.com", "https://example.amazonaws.com//", "https://example.amazonaws.com/./",
        "https://example.amazonaws.com/example/..", "https://example.amazonaws.com:443/",
        "https://example.amazonaws.com/?", "https://example.amazonaws.com/#top"}) {
    INFO(url);
    CHECK(signature(get(url)) == vanilla);
  }
  CHECK(signature(get("https://example.amazonaws.com:80/")) != vanilla);
  CHECK(signature(get("https://example.amazonaws.com/example/")) !=
        signature(get("https://example.amazonaws.com/example")));
}

TEST_CASE("sigv4: it does not matter how a query was encoded") {
  const std::string expected = signature(get("https://example.amazonaws.com/?a=%2F%20&b="));
  CHECK(signature(get("https://example.amazonaws.com/?b&a=%2f%20")) == expected);
  CHECK(signature(get("https://example.amazonaws.com/?%61=/%20&b=")) == expected);
}

TEST_CASE("sigv4: headers that others set or change are not signed") {
  CHECK(signature(
            get("https://example.amazonaws.com/",
                {{"User-Agent", "x"}, {"Host", "elsewhere"}, {"Connection", "close"}, {"traceparent", "00-0-0-00"}})) ==
        vanilla);
}

TEST_CASE("sigv4: a session token is sent and signed; signing twice leaves one set of headers") {
  const Credentials temporary{example.access_key_id, example.secret_access_key, "the/token=="};
  http::Call call = get("https://example.amazonaws.com/");
  sign(call, temporary, {"us-east-1", "service"}, example_time - std::chrono::hours{1});
  sign(call, temporary, {"us-east-1", "service"}, example_time);
  REQUIRE(call.headers.size() == 3);
  CHECK(http::field(call.headers, "X-Amz-Date") == "20150830T123600Z");
  CHECK(http::field(call.headers, "X-Amz-Security-Token") == "the/token==");
  CHECK(http::field(call.headers, "Authorization").find("SignedHeaders=host;x-amz-date;x-amz-security-token,") !=
        std::string_view::npos);
  sign(call, example, {"us-east-1", "service"}, example_time);
  CHECK(call.headers.size() == 2);
}

}  // namespace
