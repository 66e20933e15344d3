// Slack's incoming webhooks (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). The recipient
// is the webhook URL, so each tenant has its own and there is nothing to configure. Thread-safe; `done` comes on an I/O
// thread.
#pragma once
#include "http/client.hpp"
#include "provider-dispatcher/adapters/providers/call_limits.hpp"
#include "provider-dispatcher/adapters/providers/slack/settings.hpp"
#include "provider-dispatcher/core/provider.hpp"

namespace carillon::dispatcher {

class SlackClient final : public Provider {
 public:
  // `http` must live until every call has been answered. A call takes slack::call_time_max at most.
  SlackClient(SlackSettings settings, http::Client& http, CallLimits limits = {});
  std::string_view name() const override { return "slack"; }
  events::Channel channel() const override { return events::Channel::SLACK; }
  bool configured() const override { return true; }
  std::string missing_settings() const override { return {}; }
  double rate_per_second() const override { return settings_.rate_per_second; }
  int concurrency_max() const override { return settings_.concurrency; }
  void send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) override;

 private:
  const SlackSettings settings_;
  http::Client& http_;
  const CallLimits limits_;
};

namespace slack {

inline constexpr std::chrono::milliseconds call_time_max{5'000};

// "*subject*", an empty line, the text; '&', '<' and '>' escaped as Slack wants it. Pure.
std::string request_body(const SlackSettings& settings, const OutboundMessage& message);

// "<message_id>.<attempt>": Slack gives a message no id that its sender could see.
std::string own_message_id(const OutboundMessage& message);

}  // namespace slack

}  // namespace carillon::dispatcher
