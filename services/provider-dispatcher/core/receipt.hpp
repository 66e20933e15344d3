// What a provider tells afterwards about one of our calls. The words are the same in message logs, metrics and audits.
#pragma once
#include <boost/describe.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "events/events.hpp"
#include "time/utc_time.hpp"

namespace carillon::dispatcher {

// The numbers are stored. Statuses that say nothing new (queued, sent, opened, deferred, ...) are no receipts.
BOOST_DEFINE_ENUM_CLASS(ReceiptKind,
                        DELIVERED,     // the recipient's server or phone has it
                        BOUNCED,       // the address is no good: nothing will ever arrive there
                        COMPLAINED,    // the recipient calls it spam
                        UNDELIVERED,   // the provider has given up on this message; the address may be good
                        UNSUBSCRIBED)  // the recipient wants no more

// Why a recipient must not be written to again; NONE: may be. The numbers are stored.
BOOST_DEFINE_ENUM_CLASS(SuppressReason, NONE, HARD_BOUNCE, COMPLAINT, STOP, UNSUBSCRIBE)

struct Receipt {
  std::string provider;  // as in the chains
  events::Channel channel{};
  std::string message_id;  // of ours; empty: the provider did not repeat it, only provider_message_id tells
  int attempt = 0;
  bool about_recipient_alone = false;  // an answer of the recipient: no message is meant, `suppress` is all it says
  std::string provider_message_id;
  ReceiptKind kind{};
  SuppressReason suppress{};
  std::string recipient;       // in clear, where it is to be suppressed; gone once it is hashed
  std::string recipient_hash;  // as the orchestrator makes it
  std::string reason;          // upper-case word; empty for DELIVERED
  std::string provider_code;
  std::string detail;  // for people, without recipient
  UtcTime occurred_at{};
};

const char* kind_name(ReceiptKind kind);
const char* suppress_name(SuppressReason reason);

// The delivery state it puts a message into; nothing for UNSUBSCRIBED, which is about the recipient.
std::optional<events::Status> status_of(ReceiptKind kind);
// Sending the message again is no use: it has reached the recipient's side, or nothing ever will.
bool makes_resending_useless(ReceiptKind kind);
// Has an effect beyond the message's state (audit, suppression), which a repeated receipt must not have again.
bool is_noted(ReceiptKind kind);

// The recipient must not be written to again. Of two receipts of one kind this one is noted apart.
inline bool suppresses(const Receipt& receipt) {
  return receipt.suppress != SuppressReason::NONE;
}

// The same for the same receipt, however often it comes: "receipt/postmark/<message_id>/1/BOUNCED"; of one about the
// recipient alone with the provider's id of it instead.
std::string receipt_id(const Receipt& receipt);

// A provider's time that is missing, to come, or older than this becomes `now`.
inline constexpr std::chrono::days receipt_age_max{30};
UtcTime believable(std::optional<UtcTime> occurred_at, UtcTime now);

// Our ids are UUIDs version 7; whatever else metadata holds is another sender's.
bool is_own_message_id(std::string_view text);
inline constexpr int receipt_attempt_max = 1'000;
// 1 to receipt_attempt_max in digits; else 0: not told.
int attempt_from(std::string_view text);

}  // namespace carillon::dispatcher
