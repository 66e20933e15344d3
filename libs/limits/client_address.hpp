// Whose address counts for the limits per IP. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"
#include "values/result.hpp"

namespace carillon {

// Addresses as 16 bytes; IPv4 ones mapped into IPv6 (RFC 4291, 2.5.5.2).
struct Network {
  std::string address;
  int bits = 128;
};

// "10.0.0.0/8", "2001:db8::/32", or one address. Failure INVALID_NETWORK.
Result<Network> parse_network(std::string_view text);

bool is_trusted_proxy(std::string_view peer, const std::vector<Network>& trusted);

// The end user's address: `peer` itself unless it is a trusted proxy; behind one the last entry of X-Forwarded-For that
// no trusted proxy wrote for another, and nothing that stands before it, for anybody can write that. IPv6 addresses are
// cut to their /64, which one subscriber has whole. What is no address counts as "unknown".
std::string client_address(std::string_view peer, std::string_view forwarded_for, const std::vector<Network>& trusted);
// The same of a request, whose X-Forwarded-For may stand in several lines.
std::string client_address(const http::Request& request, const std::vector<Network>& trusted);

}  // namespace carillon
