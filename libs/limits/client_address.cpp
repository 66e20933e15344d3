#include "limits/client_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "values/lower_case.hpp"

namespace carillon {
namespace {

constexpr std::size_t address_bytes = 16;
constexpr std::size_t address_chars_max = 45;  // INET6_ADDRSTRLEN without its NUL
constexpr std::size_t subscriber_bytes = 8;    // a /64
constexpr std::string_view mapped_ipv4("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);

std::optional<std::string> parse_address(std::string_view text) {
  if (text.size() > address_chars_max) return std::nullopt;
  const std::string terminated(text);
  std::string bytes(address_bytes, '\0');
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return bytes;
  in_addr four{};
  if (inet_pton(AF_INET, terminated.c_str(), &four) != 1) return std::nullopt;
  bytes = mapped_ipv4;
  bytes.append(reinterpret_cast<const char*>(&four), sizeof four);
  return bytes;
}

bool is_ipv4(std::string_view address) {
  return address.starts_with(mapped_ipv4);
}

bool holds(const Network& network, std::string_view address) {
  const auto whole = static_cast<std::size_t>(network.bits / 8);
  if (address.substr(0, whole) != std::string_view(network.address).substr(0, whole)) return false;
  const int rest = network.bits % 8;
  if (rest == 0) return true;
  const auto differ = static_cast<unsigned char>(address[whole] ^ network.address[whole]);
  return differ >> (8 - rest) == 0;
}

bool within(const std::vector<Network>& networks, std::string_view address) {
  return std::any_of(networks.begin(), networks.end(), [&](const Network& each) { return holds(each, address); });
}

// What proxies write: an address, perhaps in brackets, perhaps with a port.
std::string_view bare(std::string_view entry) {
  while (!entry.empty() && (entry.front() == ' ' || entry.front() == '\t')) entry.remove_prefix(1);
  while (!entry.empty() && (entry.back() == ' ' || entry.back() == '\t')) entry.remove_suffix(1);
  if (!entry.empty() && entry.front() == '[') return entry.substr(1, entry.find(']') - 1);
  const bool ipv4_with_port = std::count(entry.begin(), entry.end(), ':') == 1;
  return ipv4_with_port ? entry.substr(0, entry.find(':')) : entry;
}

std::string text_of(const std::string& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (is_ipv4(address)) {
    inet_ntop(AF_INET, address.data() + mapped_ipv4.size(), text, sizeof text);
    return text;
  }
  std::string subscriber = address.substr(0, subscriber_bytes);
  subscriber.resize(address_bytes, '\0');
  inet_ntop(AF_INET6, subscriber.data(), text, sizeof text);
  return std::string(text) + "/64";
}

}  // namespace

Result<Network> parse_network(std::string_view text) {
  const Failure invalid{"INVALID_NETWORK", "give addresses or networks like 10.0.0.0/8 or 2001:db8::/32"};
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return invalid;
  const int bits_max = is_ipv4(*address) ? 32 : 128;
  int bits = bits_max;
  if (slash != std::string_view::npos) {
    const std::string_view number = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bits);
    if (error != std::errc{} || end != number.data() + number.size() || bits < 0 || bits > bits_max) return invalid;
  }
  return Network{*address, 128 - bits_max + bits};
}

bool is_trusted_proxy(std::string_view peer, const std::vector<Network>& trusted) {
  const auto address = parse_address(bare(peer));
  return address && within(trusted, *address);
}

std::string client_address(std::string_view peer, std::string_view forwarded_for, const std::vector<Network>& trusted) {
  auto address = parse_address(bare(peer));
  std::string_view left = forwarded_for;
  while (address && within(trusted, *address) && !left.empty()) {
    const auto comma = left.rfind(',');
    address = parse_address(bare(comma == std::string_view::npos ? left : left.substr(comma + 1)));
    left = comma == std::string_view::npos ? std::string_view{} : left.substr(0, comma);
  }
  return address ? text_of(*address) : "unknown";
}

std::string client_address(const http::Request& request, const std::vector<Network>& trusted) {
  // Proxies that add a line of their own leave the caller's lines before it.
  std::string forwarded_for;
  for (const auto& [name, value] : request.headers) {
    if (lower_case(name) != "x-forwarded-for") continue;
    if (!forwarded_for.empty()) forwarded_for += ',';
    forwarded_for += value;
  }
  return client_address(request.peer, forwarded_for, trusted);
}

}  // namespace carillon
