// Amazon SES, API v2 (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html). Thread-safe; `done`
// comes on an I/O thread.
#pragma once
#include "provider-dispatcher/adapters/providers/aws/signed_calls.hpp"
#include "provider-dispatcher/adapters/providers/call_limits.hpp"
#include "provider-dispatcher/adapters/providers/ses/settings.hpp"
#include "provider-dispatcher/core/provider.hpp"

namespace carillon::dispatcher {

class SesClient final : public Provider {
 public:
  SesClient(SesSettings settings, std::shared_ptr<const aws::SignedCalls> aws, CallLimits limits = {});
  std::string_view name() const override { return "ses"; }
  events::Channel channel() const override { return events::Channel::EMAIL; }
  bool configured() const override { return missing_settings().empty(); }
  std::string missing_settings() const override;
  double rate_per_second() const override { return settings_.rate_per_second; }
  int concurrency_max() const override { return settings_.concurrency; }
  void send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) override;

 private:
  const SesSettings settings_;
  const std::shared_ptr<const aws::SignedCalls> aws_;
  const CallLimits limits_;
};

namespace ses {

inline constexpr const char* signing_name = "ses";

std::string base_url(const SesSettings& settings, const aws::AwsSettings& aws);
std::string request_body(const SesSettings& settings, const OutboundMessage& message);  // pure

}  // namespace ses

}  // namespace carillon::dispatcher
