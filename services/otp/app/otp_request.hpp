// What the otp service is asked, as far as it was understood, and what it answers.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "otp/core/action.hpp"
#include "values/result.hpp"

namespace carillon::otp {

enum class OtpKind { SEND, VERIFY, REDEEM };

struct OtpAnswer {
  enum class Kind {
    DONE,            // SEND: whether or not a code goes out; VERIFY and REDEEM: it was right
    REFUSED,         // VERIFY, REDEEM: not right, for whatever reason
    NOT_CONFIGURED,  // there is no pepper
    UNAVAILABLE,     // the database is not there; nobody knows whether it was stored
    FAILED
  };
  Kind kind = Kind::FAILED;
  std::string step_up_token;  // VERIFY of SENSITIVE_ACTION, DONE
};

struct OtpRequest {
  OtpKind kind{};
  std::optional<Failure> refused;  // what was wrong with it; its other fields may be empty then
  std::string recipient;           // normal form
  Action action{};
  std::string code;            // VERIFY
  std::string locale;          // SEND
  std::string step_up_token;   // REDEEM
  std::string client_address;  // "": it has no part in limits
  std::string asked_by;        // "api:<owner>" or "public"
  std::string traceparent;
  std::function<void(OtpAnswer)> answer;
};

}  // namespace carillon::otp
