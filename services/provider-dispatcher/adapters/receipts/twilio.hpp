// Twilio's status callbacks (twilio.com/docs/messaging/guides/track-outbound-message-status): a form a call; message_id
// and attempt are in the query of the URL that we gave with the call. Pure.
//
//   delivered, read        → DELIVERED
//   undelivered, failed    → UNDELIVERED with Twilio's ErrorCode; recipient suppressed for 21610 (answered STOP)
//   accepted, scheduled, queued, sending, sent, canceled, whatever is not named here → nothing new
//
// No other code suppresses: 30003 (phone off), 30005 (unknown) and 30006 (landline or carrier out of reach) may pass.
//
// And what recipients answer (twilio.com/docs/messaging/guides/webhook-request): OptOutType STOP of advanced opt-out,
// or one of the words at which Twilio itself sends no more (help.twilio.com, "Twilio support for opt-out keywords"),
// which suppress the number for every provider. START is Twilio's alone: an admin lifts the suppression.
#pragma once
#include <map>
#include <span>
#include <utility>

#include "provider-dispatcher/adapters/receipts/read_receipts.hpp"

namespace carillon::dispatcher::twilio {

// Failure MALFORMED_RECEIPT.
Result<ReadReceipts> read_receipts(std::span<const std::pair<std::string, std::string>> form,
                                   const std::map<std::string, std::string>& query, UtcTime now);

Result<ReadReceipts> read_answer(std::span<const std::pair<std::string, std::string>> form, UtcTime now);

}  // namespace carillon::dispatcher::twilio
