// SMS for developers: one JSON line per message in a file, or a call to the sandbox. Never the log. Thread-safe.
#pragma once
#include <mutex>

#include "http/client.hpp"
#include "provider-dispatcher/adapters/providers/call_limits.hpp"
#include "provider-dispatcher/adapters/providers/console/settings.hpp"
#include "provider-dispatcher/core/provider.hpp"

namespace carillon::dispatcher {

class ConsoleClient final : public Provider {
 public:
  // `http` must live until every call has been answered. The file is opened at the first message (mode 0600).
  ConsoleClient(ConsoleSettings settings, http::Client& http, CallLimits limits = {});
  ~ConsoleClient() override;
  std::string_view name() const override { return "console"; }
  events::Channel channel() const override { return events::Channel::SMS; }
  bool configured() const override { return missing_settings().empty(); }
  std::string missing_settings() const override { return settings_.missing(); }
  double rate_per_second() const override { return settings_.rate_per_second; }
  int concurrency_max() const override { return settings_.concurrency; }
  void send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) override;

 private:
  Outcome append(const OutboundMessage& message, UtcTime now);

  const ConsoleSettings settings_;
  http::Client& http_;
  const CallLimits limits_;
  std::mutex mutex_;
  int file_ = -1;  // guarded by mutex_
};

}  // namespace carillon::dispatcher
