#include "http/public_address.hpp"

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstdint>

namespace carillon::http {
namespace {

namespace ip = boost::asio::ip;

struct Network4 {
  std::uint32_t address;
  int bits;
};

// https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast.
constexpr Network4 special_networks[] = {
    {0x00000000, 8},   // this network
    {0x0A000000, 8},   // private
    {0x64400000, 10},  // shared, carriers' NAT
    {0x7F000000, 8},   // loopback
    {0xA9FE0000, 16},  // link-local, among it the metadata services of clouds
    {0xAC100000, 12},  // private
    {0xC0000000, 24},  // protocol assignments
    {0xC0000200, 24},  // documentation
    {0xC0586300, 24},  // 6to4 relays, given up
    {0xC0A80000, 16},  // private
    {0xC6120000, 15},  // benchmarking
    {0xC6336400, 24},  // documentation
    {0xCB007100, 24},  // documentation
    {0xE0000000, 4},   // multicast
    {0xF0000000, 4},   // reserved, broadcast
};

bool is_public(std::uint32_t address) {
  for (const Network4& network : special_networks) {
    const std::uint32_t mask = ~std::uint32_t{0} << (32 - network.bits);
    if ((address & mask) == network.address) return false;
  }
  return true;
}

using Bytes = ip::address_v6::bytes_type;

bool begins_with(const Bytes& bytes, std::initializer_list<int> start) {
  std::size_t i = 0;
  for (const int byte : start) {
    if (bytes[i++] != byte) return false;
  }
  return true;
}

std::uint32_t carried(const Bytes& bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 | std::uint32_t{bytes[at + 2]} << 8 |
         std::uint32_t{bytes[at + 3]};
}

bool is_public(const ip::address_v6& address) {
  const Bytes bytes = address.to_bytes();
  if (address.is_v4_mapped()) return is_public(carried(bytes, 12));
  if (begins_with(bytes, {0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0}))
    return is_public(carried(bytes, 12));                                        // NAT64
  if (begins_with(bytes, {0x20, 0x02})) return is_public(carried(bytes, 2));     // 6to4
  if ((bytes[0] & 0xE0) != 0x20) return false;                                   // all but global unicast
  if (begins_with(bytes, {0x20, 0x01, 0x0D, 0xB8})) return false;                // documentation
  if (begins_with(bytes, {0x3F, 0xFF}) && (bytes[2] & 0xF0) == 0) return false;  // documentation
  return !(begins_with(bytes, {0x20, 0x01}) && bytes[2] < 2);  // protocol assignments, among them Teredo
}

}  // namespace

bool is_public_address(std::string_view text) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(text), error);
  if (error) return false;
  return address.is_v4() ? is_public(address.to_v4().to_uint()) : is_public(address.to_v6());
}

}  // namespace carillon::http
