// What the environment says to the orchestrator.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "orchestrator/core/recipients.hpp"
#include "service/settings.hpp"

namespace carillon::orchestrator {

inline constexpr std::int64_t attachment_bytes_per_owner_default = 1LL << 30;

struct OrchestratorSettings {
  StaffAddresses staff;
  std::int64_t email_per_minute_limit = 60;  // 0 = none
  std::int64_t sms_per_minute_limit = 30;
  std::size_t ingress_queue_max = 10'000;  // requests waiting for their commit; more: 503
  std::size_t ingress_batch_max = 256;     // requests of one commit
  std::string public_url;                  // without a slash at its end; "" = mails carry no links to us
  std::chrono::hours attachment_retention{7 * 24};
  std::int64_t attachment_bytes_per_owner = attachment_bytes_per_owner_default;
  std::vector<std::string> slack_hosts{"hooks.slack.com", "hooks.slack-gov.com"};  // that tenants' webhooks may name

  static OrchestratorSettings read(service::Settings& settings);
};

}  // namespace carillon::orchestrator
