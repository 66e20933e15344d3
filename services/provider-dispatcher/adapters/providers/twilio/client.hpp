// Twilio Programmable Messaging (https://www.twilio.com/docs/messaging/api/message-resource). Thread-safe; `done` comes
// on an I/O thread.
#pragma once
#include "http/client.hpp"
#include "provider-dispatcher/adapters/providers/call_limits.hpp"
#include "provider-dispatcher/adapters/providers/twilio/settings.hpp"
#include "provider-dispatcher/core/provider.hpp"

namespace carillon::dispatcher {

class TwilioClient final : public Provider {
 public:
  // `http` must live until every call has been answered.
  TwilioClient(TwilioSettings settings, http::Client& http, CallLimits limits = {});
  std::string_view name() const override { return "twilio"; }
  events::Channel channel() const override { return events::Channel::SMS; }
  bool configured() const override { return missing_settings().empty(); }
  std::string missing_settings() const override { return settings_.missing(); }
  double rate_per_second() const override { return settings_.rate_per_second; }
  int concurrency_max() const override { return settings_.concurrency; }
  void send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) override;

 private:
  const TwilioSettings settings_;
  const std::string authorization_;
  http::Client& http_;
  const CallLimits limits_;
};

namespace twilio {
inline constexpr std::chrono::seconds validity_period_min{1};
inline constexpr std::chrono::seconds validity_period_max{36'000};
std::string request_body(const TwilioSettings& settings, const OutboundMessage& message, UtcTime now);  // pure
}  // namespace twilio

}  // namespace carillon::dispatcher
