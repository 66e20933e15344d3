#include "pages/visitor.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

using namespace carillon;
using namespace carillon::pages;

namespace {
http::Request with(http::Fields headers) {
  http::Request request;
  request.headers = std::move(headers);
  return request;
}
}  // namespace

TEST_CASE("cookie: found among others, in any of several headers, by its whole name") {
  CHECK(cookie(with({{"Cookie", "a=1; __Host-carillon_session=token; b=2"}}), session_cookie_name) == "token");
  CHECK(cookie(with({{"cookie", "a=1"}, {"Cookie", "__Host-carillon_session=token"}}), session_cookie_name) == "token");
  CHECK(cookie(with({{"Cookie", "x__Host-carillon_session=no;__Host-carillon_session=token"}}), session_cookie_name) ==
        "token");
  CHECK(cookie(with({{"Cookie", "__Host-carillon_session"}}), session_cookie_name).empty());
  CHECK(cookie(with({{"Cookie", ";;; =;"}}), session_cookie_name).empty());
  CHECK(cookie(with({}), session_cookie_name).empty());
}

TEST_CASE("session cookie: out of reach of scripts, other sites and plain connections") {
  CHECK(session_cookie("token").second == "__Host-carillon_session=token; Path=/; Secure; HttpOnly; SameSite=Lax");
  CHECK(ended_session_cookie().second == "__Host-carillon_session=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax");
}

TEST_CASE("visitor: nobody is taken for somebody without a guard") {
  CHECK_THROWS_AS(visitor_of(with({})), std::logic_error);
  http::Request request;
  request.params = {{"session_id", "1"},
                    {"session_account", "2"},
                    {"session_email", "ann@example.com"},
                    {"session_role", "OWNER"},
                    {"session_client", "c"}};
  CHECK(visitor_of(request).role == security::Role::OWNER);
  CHECK(actor_of(request) == "account:2");
  request.params["session_role"] = "ROOT";
  CHECK_THROWS_AS(visitor_of(request), std::logic_error);
}
