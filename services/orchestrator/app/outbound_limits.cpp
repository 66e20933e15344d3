#include "orchestrator/app/outbound_limits.hpp"

#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {

OutboundLimits::OutboundLimits(const OrchestratorSettings& settings)
    : email_default_(settings.email_per_minute_limit),
      sms_default_(settings.sms_per_minute_limit),
      email_(email_default_),
      sms_(sms_default_) {}

void OutboundLimits::refresh(pg::Connection& connection) {
  std::int64_t email = email_default_;
  std::int64_t sms = sms_default_;
  for (const auto& row : connection.run(orchestrator_sql::read_outbound_limits)) {
    (row[0].as<std::string>() == "EMAIL" ? email : sms) = row[1].as<std::int64_t>();
  }
  email_ = email;
  sms_ = sms;
}

std::int64_t OutboundLimits::of(events::Channel channel) const {
  switch (channel) {
    case events::Channel::EMAIL:
      return email_;
    case events::Channel::SMS:
      return sms_;
    default:
      return 0;
  }
}

}  // namespace carillon::orchestrator
