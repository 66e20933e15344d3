// One libcurl handle with its connection to the relay: delivers one mail at a time and blocks while it does.
#pragma once
#include <atomic>
#include <memory>

#include "provider-dispatcher/adapters/providers/call_limits.hpp"
#include "provider-dispatcher/adapters/providers/smtp/settings.hpp"
#include "provider-dispatcher/core/provider.hpp"

namespace carillon::dispatcher::smtp {

class Session {
 public:
  // Breaks off within a second when `stopping` turns true. All arguments must outlive it.
  Session(const SmtpSettings& settings, const CallLimits& limits, const std::atomic<bool>& stopping);
  ~Session();
  Outcome deliver(const OutboundMessage& message, UtcTime now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace carillon::dispatcher::smtp
