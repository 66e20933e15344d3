// SMS through Amazon SNS (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html). Thread-safe; `done` comes on an
// I/O thread.
#pragma once
#include "provider-dispatcher/adapters/providers/aws/signed_calls.hpp"
#include "provider-dispatcher/adapters/providers/call_limits.hpp"
#include "provider-dispatcher/adapters/providers/sns/settings.hpp"
#include "provider-dispatcher/core/provider.hpp"

namespace carillon::dispatcher {

class SnsClient final : public Provider {
 public:
  SnsClient(SnsSettings settings, std::shared_ptr<const aws::SignedCalls> aws, CallLimits limits = {});
  std::string_view name() const override { return "sns"; }
  events::Channel channel() const override { return events::Channel::SMS; }
  bool configured() const override { return missing_settings().empty(); }
  std::string missing_settings() const override { return aws_->settings().missing(); }
  double rate_per_second() const override { return settings_.rate_per_second; }
  int concurrency_max() const override { return settings_.concurrency; }
  void send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) override;

 private:
  const SnsSettings settings_;
  const std::shared_ptr<const aws::SignedCalls> aws_;
  const CallLimits limits_;
};

namespace sns {
std::string request_body(const SnsSettings& settings, const OutboundMessage& message);  // pure
}

}  // namespace carillon::dispatcher
