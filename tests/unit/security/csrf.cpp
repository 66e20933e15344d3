#include "security/csrf.hpp"

#include <catch2/catch.hpp>

namespace carillon::security {
namespace {

using namespace std::chrono_literals;

const Sealer& sealer() {
  static const Sealer one = Sealer::from_text(std::string(64, '1')).value();
  return one;
}
constexpr UtcTime now = from_unix_micros(1'700'000'000'000'000);
constexpr std::string_view mine = "0190a0a0-0000-7000-8000-000000000001";
constexpr std::string_view other = "0190a0a0-0000-7000-8000-000000000002";

CsrfVerdict verdict(std::string_view token, UtcTime at = now, std::string_view session = mine) {
  return csrf_verdict(sealer(), session, token, at);
}

TEST_CASE("csrf: a missing token is refused") {
  CHECK(verdict("") == CsrfVerdict::MISSING);
  CHECK_FALSE(csrf_valid(sealer(), mine, "", now));
}

TEST_CASE("csrf: a wrong token is refused") {
  std::string token = csrf_token(sealer(), mine, now);
  token[token.size() / 2] = token[token.size() / 2] == 'A' ? 'B' : 'A';
  CHECK(verdict(token) == CsrfVerdict::WRONG);
  CHECK(verdict("x") == CsrfVerdict::WRONG);
  CHECK(verdict(".") == CsrfVerdict::WRONG);
  CHECK(verdict("1700009999.") == CsrfVerdict::WRONG);
  CHECK(verdict(std::string(100'000, '1')) == CsrfVerdict::WRONG);
}

TEST_CASE("csrf: another session's token is refused") {
  const std::string token = csrf_token(sealer(), other, now);
  CHECK(verdict(token) == CsrfVerdict::WRONG);
  CHECK(verdict(token, now, other) == CsrfVerdict::VALID);
}

TEST_CASE("csrf: an expired token is refused") {
  const std::string token = csrf_token(sealer(), mine, now);
  CHECK(verdict(token, now + csrf_lifetime - 1s) == CsrfVerdict::VALID);
  CHECK(verdict(token, now + csrf_lifetime) == CsrfVerdict::EXPIRED);
  CHECK_FALSE(csrf_valid(sealer(), mine, token, now + csrf_lifetime));
}

TEST_CASE("csrf: a token whose expiry was moved is refused") {
  const std::string token = csrf_token(sealer(), mine, now);
  const std::string later = std::to_string(unix_micros(now) / 1'000'000 + 999'999);
  CHECK(verdict(later + token.substr(token.find('.'))) == CsrfVerdict::WRONG);
}

TEST_CASE("csrf: a valid token is accepted") {
  CHECK(verdict(csrf_token(sealer(), mine, now)) == CsrfVerdict::VALID);
  CHECK(csrf_valid(sealer(), mine, csrf_token(sealer(), mine, now), now));
}

TEST_CASE("csrf: a token made with the key before the last rotation is accepted") {
  const Sealer rotated = Sealer::from_text(std::string(64, '2') + "," + std::string(64, '1')).value();
  CHECK(csrf_valid(rotated, mine, csrf_token(sealer(), mine, now), now));
}

bool from_ours(http::Fields headers) {
  http::Request request;
  request.method = http::Method::POST;
  request.headers = std::move(headers);
  return is_from_our_pages(request, "https://bell.example.com/n");
}

TEST_CASE("csrf without session: a form of another site is refused") {
  CHECK_FALSE(from_ours({{"Host", "bell.example.com"}, {"Sec-Fetch-Site", "cross-site"}}));
  CHECK_FALSE(from_ours({{"Host", "bell.example.com"}, {"Sec-Fetch-Site", "same-site"}}));
  CHECK_FALSE(from_ours(
      {{"Host", "bell.example.com"}, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://bell.example.com"}}));
  CHECK_FALSE(from_ours({{"Host", "bell.example.com"}, {"Origin", "https://evil.example"}}));
  CHECK_FALSE(from_ours({{"Host", "bell.example.com"}, {"Origin", "https://bell.example.com.evil.example"}}));
  CHECK_FALSE(from_ours({{"Host", "bell.example.com"}, {"Origin", "https://evil.bell.example.com"}}));
  CHECK_FALSE(from_ours({{"Host", "bell.example.com"}, {"Origin", "null"}}));
  CHECK_FALSE(from_ours({{"Origin", "https://evil.example"}}));
}

TEST_CASE("csrf without session: our own form is accepted") {
  CHECK(from_ours({{"Host", "bell.example.com"}, {"Sec-Fetch-Site", "same-origin"}}));
  CHECK(from_ours({{"Host", "127.0.0.1:8080"}, {"Origin", "https://bell.example.com"}}));
  CHECK(from_ours({{"Host", "127.0.0.1:8080"}, {"Origin", "http://127.0.0.1:8080"}}));
}

TEST_CASE("csrf without session: what no browser sent is accepted") {
  CHECK(from_ours({{"Host", "bell.example.com"}}));
}

}  // namespace
}  // namespace carillon::security
