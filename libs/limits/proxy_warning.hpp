// Tells once, in the log, of a proxy that nobody has told us of: its X-Forwarded-For is not believed, so everybody
// behind it counts as one address. One a setting of trusted proxies. Thread-safe.
#pragma once
#include <atomic>
#include <vector>

#include "http/message.hpp"
#include "limits/client_address.hpp"

namespace carillon {

class ProxyWarning {
 public:
  // `setting`: the name of the setting that `trusted` is from. Both have to outlive this.
  ProxyWarning(const char* setting, const std::vector<Network>& trusted) : setting_(setting), trusted_(trusted) {}
  // Anybody can write that header, so a line is a hint and no proof; PROXY_NOT_TRUSTED, once a process.
  void look_at(const http::Request& request);

 private:
  const char* const setting_;
  const std::vector<Network>& trusted_;
  std::atomic<bool> given_{false};
};

}  // namespace carillon
