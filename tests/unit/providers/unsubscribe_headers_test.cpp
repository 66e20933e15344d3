#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/unsubscribe_headers.hpp"

namespace {

using carillon::dispatcher::unsubscribe_headers;

TEST_CASE("unsubscribe headers: both of RFC 8058 for a URL, none without one") {
  CHECK(unsubscribe_headers("").empty());
  const auto headers = unsubscribe_headers("https://c.example/u/abc?t=a%2Bb&x=1");
  REQUIRE(headers.size() == 2);
  CHECK(headers[0].first == "List-Unsubscribe");
  CHECK(headers[0].second == "<https://c.example/u/abc?t=a%2Bb&x=1>");
  CHECK(headers[1].first == "List-Unsubscribe-Post");
  CHECK(headers[1].second == "List-Unsubscribe=One-Click");
}

TEST_CASE("unsubscribe headers: a URL can't end its brackets or begin a header") {
  CHECK(unsubscribe_headers("https://c.example/>, <mailto:x>\r\nBcc: ü")[0].second ==
        "<https://c.example/%3E,%20%3Cmailto:x%3E%0D%0ABcc:%20%C3%BC>");
}

}  // namespace
