// What the otp service publishes: audit entries without personal data, and the request for the message with the code.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "bus/outbox.hpp"
#include "otp/app/otp_request.hpp"
#include "security/seal.hpp"
#include "time/utc_time.hpp"

namespace carillon::otp {

inline constexpr std::string_view event_source = "carillon/otp";

struct AuditFacts {
  std::string_view action;   // "OTP_SENT" ...
  std::string_view outcome;  // what came of it
  std::string_view reason = {};
  std::map<std::string, std::string> details = {};
};
// `recipient_hash` may be empty: of a request that was not understood nothing is known.
void publish_audit(bus::Outbox& out, const OtpRequest& request, const std::string& recipient_hash, AuditFacts facts,
                   UtcTime now);

struct CodeMessage {
  std::string message_id, challenge_id, recipient_hash;
  std::string_view code;
  std::chrono::seconds ttl{};
  std::size_t attempt_count = 0;  // which code within the window this is
};
// The send request of OTP_CODE_SMS or OTP_CODE_EMAIL; recipient and code are sealed.
void publish_code(bus::Outbox& out, const OtpRequest& request, const CodeMessage& message,
                  const security::Sealer& sealer, UtcTime now);

// OPS_ALERT_OTP_CONVERSION, once per alarm.
void publish_alert(bus::Outbox& out, const std::string& country, std::int64_t sent, std::int64_t verified, UtcTime now);

}  // namespace carillon::otp
