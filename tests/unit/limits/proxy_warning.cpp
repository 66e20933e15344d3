#include "limits/proxy_warning.hpp"

#include <catch2/catch.hpp>

#include "service/testing/captured_log.hpp"

using namespace carillon;

namespace {

http::Request from(const char* peer, const char* forwarded_for) {
  http::Request request;
  request.peer = peer;
  if (forwarded_for != nullptr) request.headers.emplace_back("x-forwarded-for", forwarded_for);
  return request;
}

}  // namespace

TEST_CASE("proxy warning: X-Forwarded-For from a peer that is not trusted is told once, with the setting to mend") {
  const std::vector<Network> trusted{*parse_network("10.0.0.0/8")};
  testing::CapturedLog log;
  ProxyWarning warning("LOGIN_TRUSTED_PROXIES", trusted);
  warning.look_at(from("203.0.113.7", nullptr));
  warning.look_at(from("10.1.2.3", "198.51.100.1"));
  CHECK(log.lines_of("PROXY_NOT_TRUSTED") == 0);
  for (int i = 0; i < 3; ++i) warning.look_at(from("203.0.113.7", "198.51.100.1"));
  CHECK(log.lines_of("PROXY_NOT_TRUSTED") == 1);
  const std::string text = log.text();
  CHECK(text.find("LOGIN_TRUSTED_PROXIES") != std::string::npos);
  CHECK(text.find("198.51.100.1") == std::string::npos);
  CHECK(text.find("203.0.113.7") == std::string::npos);
}
