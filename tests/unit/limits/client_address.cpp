#include "limits/client_address.hpp"

#include <catch2/catch.hpp>

using namespace carillon;

namespace {
std::vector<Network> networks(std::initializer_list<const char*> texts) {
  std::vector<Network> read;
  for (const char* text : texts) read.push_back(*parse_network(text));
  return read;
}
}  // namespace

TEST_CASE("client address: nobody but a trusted proxy is believed about X-Forwarded-For") {
  CHECK(client_address("203.0.113.7", "198.51.100.1", {}) == "203.0.113.7");
  CHECK(client_address("203.0.113.7", "198.51.100.1", networks({"10.0.0.0/8"})) == "203.0.113.7");
}

TEST_CASE("client address: behind proxies the last entry that none of them wrote for another counts") {
  const auto trusted = networks({"10.0.0.0/8", "2001:db8::/32"});
  CHECK(client_address("10.1.2.3", "198.51.100.1", trusted) == "198.51.100.1");
  CHECK(client_address("10.1.2.3", "1.1.1.1, 198.51.100.1", trusted) == "198.51.100.1");
  CHECK(client_address("10.1.2.3", "1.1.1.1, 198.51.100.1, 10.9.9.9", trusted) == "198.51.100.1");
  CHECK(client_address("2001:db8::1", "198.51.100.1:5555", trusted) == "198.51.100.1");
  CHECK(client_address("10.1.2.3", "[2001:470::9]:443", trusted) == "2001:470::/64");
}

TEST_CASE("client address: what no proxy would write is unknown, and an empty header leaves the proxy itself") {
  const auto trusted = networks({"10.0.0.0/8"});
  CHECK(client_address("10.1.2.3", "not an address", trusted) == "unknown");
  CHECK(client_address("10.1.2.3", "1.2.3.4, ", trusted) == "unknown");
  CHECK(client_address("10.1.2.3", "", trusted) == "10.1.2.3");
  CHECK(client_address("10.1.2.3", std::string(5'000, ','), trusted) == "unknown");
}

TEST_CASE("client address: one subscriber's IPv6 addresses are one") {
  CHECK(client_address("2001:db8:1:2:3::4", "", {}) == client_address("2001:db8:1:2:ffff::1", "", {}));
  CHECK(client_address("2001:db8:1:2::", "", {}) != client_address("2001:db8:1:3::", "", {}));
  CHECK(client_address("::ffff:203.0.113.7", "", {}) == "203.0.113.7");
}

TEST_CASE("client address: networks have the bits they say") {
  CHECK(is_trusted_proxy("10.255.0.1", networks({"10.0.0.0/8"})));
  CHECK_FALSE(is_trusted_proxy("11.0.0.1", networks({"10.0.0.0/8"})));
  CHECK(is_trusted_proxy("192.168.1.7", networks({"192.168.1.0/29"})));
  CHECK_FALSE(is_trusted_proxy("192.168.1.8", networks({"192.168.1.0/29"})));
  CHECK(is_trusted_proxy("127.0.0.1", networks({"127.0.0.1"})));
  CHECK_FALSE(is_trusted_proxy("unix", networks({"0.0.0.0/0"})));
  for (const char* bad : {"", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/x", "example.com"})
    CHECK_FALSE(parse_network(bad));
}

TEST_CASE("client address: X-Forwarded-For may come in several lines, the later ones behind the earlier") {
  http::Request request;
  request.peer = "10.1.2.3";
  request.headers = {{"X-Forwarded-For", "1.1.1.1"}, {"Host", "x"}, {"x-forwarded-for", "198.51.100.1, 10.9.9.9"}};
  CHECK(client_address(request, networks({"10.0.0.0/8"})) == "198.51.100.1");
  CHECK(client_address(request, {}) == "10.1.2.3");
}
