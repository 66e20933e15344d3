// Twilio SendGrid's Mail Send (https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send). Thread-safe;
// `done` comes on an I/O thread.
#pragma once
#include "http/client.hpp"
#include "provider-dispatcher/adapters/providers/call_limits.hpp"
#include "provider-dispatcher/adapters/providers/sendgrid/settings.hpp"
#include "provider-dispatcher/core/provider.hpp"

namespace carillon::dispatcher {

class SendgridClient final : public Provider {
 public:
  // `http` must live until every call has been answered.
  SendgridClient(SendgridSettings settings, http::Client& http, CallLimits limits = {});
  std::string_view name() const override { return "sendgrid"; }
  events::Channel channel() const override { return events::Channel::EMAIL; }
  bool configured() const override { return missing_settings().empty(); }
  std::string missing_settings() const override { return settings_.missing(); }
  double rate_per_second() const override { return settings_.rate_per_second; }
  int concurrency_max() const override { return settings_.concurrency; }
  void send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) override;

 private:
  const SendgridSettings settings_;
  http::Client& http_;
  const CallLimits limits_;
};

namespace sendgrid {
std::string request_body(const SendgridSettings& settings, const OutboundMessage& message);  // pure
}

}  // namespace carillon::dispatcher
