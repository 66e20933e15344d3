// What one call to one provider came to. The words are the same in message logs, metrics and error tables.
#pragma once
#include <boost/describe.hpp>
#include <chrono>
#include <optional>
#include <string>

namespace carillon::dispatcher {

BOOST_DEFINE_ENUM_CLASS(OutcomeKind,
                        ACCEPTED,     // the provider took the message and gave it an id
                        TRANSIENT,    // may work later or elsewhere: fail over now, retry in the next round
                        ACCOUNT,      // our credentials or account: fail over now, retry in the next round, alert
                        REJECTED,     // recipient or content: final, no other provider is tried
                        UNCONFIRMED)  // written, no answer: neither success nor failure

BOOST_DEFINE_ENUM_CLASS(Reason, NONE, TIMEOUT, CONNECTION, TLS, RATE_LIMITED, PROVIDER_ERROR, BAD_ANSWER,
                        AUTHENTICATION, ACCOUNT_SUSPENDED, SENDER_REJECTED, RECIPIENT_REJECTED, RECIPIENT_INACTIVE,
                        CONTENT_REJECTED, NO_ANSWER, PROCESS_DIED, NO_PROVIDER, ROUNDS_EXHAUSTED, EXPIRED)

struct Outcome {
  OutcomeKind kind = OutcomeKind::TRANSIENT;
  Reason reason = Reason::NONE;
  std::string provider_message_id;  // ACCEPTED only
  std::string provider_code;        // the provider's own code, e.g. "21211", "406", "550"
  std::string detail;               // for people; no recipient, no secret, at most 300 characters
  std::optional<std::chrono::seconds> retry_after;
  bool suppress_recipient = false;  // the provider says this recipient must not be written to again
  bool recipient_only = false;      // a failure that says nothing about the provider's health for other recipients
  std::chrono::milliseconds latency{};
};

}  // namespace carillon::dispatcher
