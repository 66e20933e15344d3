// Which addresses belong to hosts of the Internet at large. Pure.
#pragma once
#include <string_view>

namespace carillon::http {

// False for text that is no IP address and for every address that IANA's special-purpose registries (RFC 6890 and
// later) keep from being reached over the Internet: loopback, private, link-local, shared, documentation, benchmarking,
// multicast, reserved. An IPv6 address that only carries an IPv4 one (mapped, NAT64, 6to4) is judged by that.
bool is_public_address(std::string_view text);

}  // namespace carillon::http
