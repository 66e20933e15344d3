#include "provider-dispatcher/adapters/providers/unsubscribe_headers.hpp"

#include "http/url.hpp"

namespace carillon::dispatcher {

http::Fields unsubscribe_headers(std::string_view url) {
  if (url.empty()) return {};
  std::string address = "<";
  for (std::size_t at = 0; at < url.size(); ++at) {
    const char c = url[at];
    const bool allowed = c > ' ' && c < 0x7F && c != '<' && c != '>';
    address += allowed ? std::string(1, c) : http::percent_encoded(url.substr(at, 1));
  }
  address += '>';
  return {{"List-Unsubscribe", address}, {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}};
}

}  // namespace carillon::dispatcher
