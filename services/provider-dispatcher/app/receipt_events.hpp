// What the rest of the platform is told of receipts and of decisions about held messages: message log, audit, feedback.
// Appends to an outbox.
#pragma once
#include <string_view>

#include "bus/outbox.hpp"
#include "provider-dispatcher/app/claim.hpp"
#include "provider-dispatcher/core/receipt.hpp"

namespace carillon::dispatcher {

// The message's delivery state. With `first`, of one that is_noted(): audit MESSAGE_DELIVERY, and feedback SUPPRESS
// where the recipient must not be written to again. Event ids are the receipt's own, so a repeated one is recognised.
void report_receipt(bus::Outbox& out, const Receipt& receipt, bool first, UtcTime now);

// Of one that is about_recipient_alone: feedback SUPPRESS.
void report_recipient(bus::Outbox& out, const Receipt& receipt, UtcTime now);

// A pending message that `receipt` says a provider has: it is SENT, by the call that the receipt is of.
void report_sent_by_receipt(bus::Outbox& out, const Claim& pending, const Receipt& receipt, UtcTime now);

// Who decided what about a held message; `note` is the admin's, without personal data.
struct Decision {
  std::string_view actor;
  std::string_view note;
};
void report_decided(bus::Outbox& out, const Claim& held, events::Status status, const Decision& decision, UtcTime now);
void report_sent_again(bus::Outbox& out, const Claim& held, const Decision& decision, UtcTime now);

}  // namespace carillon::dispatcher
