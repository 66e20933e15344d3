// The SES account for admins: in the sandbox or not, its quota, and the verification of a sender
// (https://docs.aws.amazon.com/ses/latest/APIReference-V2/). Thread-safe.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "provider-dispatcher/adapters/providers/aws/signed_calls.hpp"
#include "provider-dispatcher/adapters/providers/call_limits.hpp"
#include "provider-dispatcher/adapters/providers/ses/settings.hpp"
#include "values/result.hpp"

namespace carillon::dispatcher::ses {

struct AccountStatus {
  bool production = false;       // false: the sandbox, which sends to verified addresses only
  bool sending_enabled = false;  // false: paused by SES or by an admin
  double sends_per_day_max = 0;  // -1: no limit
  double sends_per_second_max = 0;
  double sent_last_day = 0;
  std::string enforcement;  // HEALTHY, PROBATION or SHUTDOWN; "" when SES tells none
};

enum class Verification { PENDING, VERIFIED };  // PENDING: SES has sent, or will send, a mail with a link to confirm

class Account {
 public:
  Account(SesSettings settings, std::shared_ptr<const aws::SignedCalls> aws, CallLimits limits = {});
  std::string missing_settings() const { return aws_->settings().missing(); }

  // `done` comes exactly once within 10 s (verify_sender: 20 s) and a little, on an I/O thread or before this returns.
  // A Failure's code is SES's own ("BadRequestException"), "INVALID_EMAIL_ADDRESS", "AWS_CREDENTIALS_UNAVAILABLE",
  // "NO_ANSWER" or "BAD_ANSWER"; its detail holds neither address nor secret.
  void status(UtcTime now, std::function<void(Result<AccountStatus>)> done) const;
  // Asks SES to verify an address (CreateEmailIdentity). One that SES knows already is looked up, not asked for again.
  void verify_sender(const std::string& address, UtcTime now, std::function<void(Result<Verification>)> done) const;

 private:
  http::Call call_to(http::Method method, const std::string& path) const;

  const SesSettings settings_;
  const std::shared_ptr<const aws::SignedCalls> aws_;
  const CallLimits limits_;
};

// Pure.
Result<AccountStatus> read_status(const http::Answer& answer);
Result<Verification> read_verification(const http::Answer& answer);

}  // namespace carillon::dispatcher::ses
