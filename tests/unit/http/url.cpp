#include "http/url.hpp"

#include <catch2/catch.hpp>

using namespace carillon::http;

TEST_CASE("url: percent-decoding") {
  CHECK(percent_decoded("a%20b%2Fc%c3%A9") == "a b/c\xc3\xa9");
  CHECK(percent_decoded("a+b") == "a+b");
  CHECK(percent_decoded("a+b", Plus::SPACE) == "a b");
  CHECK(percent_decoded("") == "");
}

TEST_CASE("url: broken escapes and NUL are refused") {
  for (const char* bad : {"%", "%4", "%zz", "a%2", "%00", "x%0"}) {
    INFO(bad);
    CHECK_FALSE(percent_decoded(bad).has_value());
  }
  CHECK_FALSE(percent_decoded(std::string_view("a\0b", 3)).has_value());
}

TEST_CASE("url: encoding leaves only unreserved characters and decodes to the same") {
  CHECK(percent_encoded("aZ09-._~") == "aZ09-._~");
  CHECK(percent_encoded("a b/c+\xc3\xa9") == "a%20b%2Fc%2B%C3%A9");
  std::string every;
  for (int c = 1; c < 256; ++c) every.push_back(static_cast<char>(c));
  CHECK(percent_decoded(percent_encoded(every)) == every);
}

TEST_CASE("url: a form, the last of a repeated name") {
  CHECK(parse_form("a=1&b=two+words&a=3&c&=x&&d=%26") ==
        std::map<std::string, std::string>{{"a", "3"}, {"b", "two words"}, {"c", ""}, {"", "x"}, {"d", "&"}});
  CHECK_FALSE(parse_form("a=%zz").has_value());
  CHECK_FALSE(parse_form("%=1").has_value());
  CHECK(parse_form("")->empty());
  CHECK(form_encoded({{"To", "+447700900123"}, {"Body", "a&b c"}}) == "To=%2B447700900123&Body=a%26b%20c");
}

TEST_CASE("url: a target is split into path and query") {
  const auto split = [](std::string target) {
    Request request;
    request.target = std::move(target);
    return split_target(request) ? std::optional(request) : std::nullopt;
  };
  const auto plain = split("/a%20b/c?x=1&y=%20#f");
  REQUIRE(plain);
  CHECK(plain->path == "/a b/c");
  CHECK(plain->query == std::map<std::string, std::string>{{"x", "1"}, {"y", " "}});
  CHECK(split("http://host:80/p?q=1")->path == "/p");
  CHECK(split("http://host")->path == "/");
  CHECK(split("*")->path == "*");
  for (const char* bad :
       {"", "a", "host:443", "/%", "/a?b=%0", "/%00", "/%ff", "/a?b=%ED%A0%80", "/a?%ff", "http://host?x"}) {
    INFO(bad);
    CHECK_FALSE(split(bad).has_value());
  }
}

TEST_CASE("url: the fields of a form keep their order and their repeats, up to a bound") {
  const auto fields = form_fields("b=two+words&a=1&b=%26&c", 4);
  REQUIRE(fields);
  CHECK(*fields == Fields{{"b", "two words"}, {"a", "1"}, {"b", "&"}, {"c", ""}});
  CHECK_FALSE(form_fields("a=1&b=2", 1));
  CHECK_FALSE(form_fields("a=%00", 4));
  CHECK(form_fields("", 0)->empty());
}
