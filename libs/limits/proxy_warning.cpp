#include "limits/proxy_warning.hpp"

#include "service/log.hpp"

namespace carillon {

void ProxyWarning::look_at(const http::Request& request) {
  if (given_.load(std::memory_order_relaxed)) return;
  if (http::field(request.headers, "X-Forwarded-For").empty() || is_trusted_proxy(request.peer, trusted_)) return;
  if (given_.exchange(true)) return;
  log::warn("PROXY_NOT_TRUSTED",
            {{"setting", setting_},
             {"hint",
              "a request came with X-Forwarded-For from an address that is not in this setting; if that is your "
              "proxy, all its users count as one address until you name it there"}});
}

}  // namespace carillon
