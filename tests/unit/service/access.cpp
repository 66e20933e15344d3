#include "service/access.hpp"

#include <catch2/catch.hpp>

namespace carillon::service {
namespace {

std::string token_of(const std::string& header) {
  http::Request request;
  request.headers = {{"authorization", header}};
  return std::string(bearer_token(request));
}

TEST_CASE("access: the bearer token is what follows the scheme") {
  CHECK(token_of("Bearer abc") == "abc");
  CHECK(token_of("bearer   abc ") == "abc");
  CHECK(token_of("Basic abc").empty());
  CHECK(token_of("Bearer").empty());
  CHECK(token_of("Bearer ").empty());
  CHECK(token_of("Bearer  ").empty());
  CHECK(token_of("Bearerabc").empty());
  CHECK(bearer_token(http::Request{}).empty());
}

TEST_CASE("access: without a key 401, without the scope 403, admin may everything") {
  const auto unknown = refusal(std::nullopt, "notifications:send");
  REQUIRE(unknown);
  CHECK(unknown->status == 401);
  CHECK(unknown->body.find("UNAUTHENTICATED") != std::string::npos);
  CHECK(http::field(unknown->headers, "WWW-Authenticate") == "Bearer");
  const security::ApiKey reader{"id", "shop", {"notifications:read"}};
  const auto forbidden = refusal(reader, "notifications:send");
  REQUIRE(forbidden);
  CHECK(forbidden->status == 403);
  CHECK(forbidden->body.find("FORBIDDEN") != std::string::npos);
  CHECK_FALSE(refusal(reader, "notifications:read"));
  CHECK_FALSE(refusal(security::ApiKey{"id", "ops", {"admin"}}, "notifications:send"));
}

}  // namespace
}  // namespace carillon::service
