// SendGrid's event webhook (twilio.com/docs/sendgrid/for-developers/tracking-events/event): an array of events a call;
// what we gave as custom_args are members of each event. Pure.
//
//   delivered                                     → DELIVERED
//   bounce                                        → BOUNCED, recipient suppressed
//   bounce of type "blocked"                      → UNDELIVERED: the server refused this mail, the address may be good
//   dropped: SendGrid did not try                 → UNDELIVERED; suppressed where the reason is an earlier bounce,
//                                                   complaint or unsubscription, or an address that is none
//   spamreport                                    → COMPLAINED, recipient suppressed
//   unsubscribe, group_unsubscribe                → UNSUBSCRIBED, recipient suppressed
//   processed, deferred, open, click, group_resubscribe, whatever is not named here → nothing new
//   what is no object, or has no event or an address that is not UTF-8 → counted as malformed; the others are read
#pragma once
#include "provider-dispatcher/adapters/receipts/read_receipts.hpp"

namespace carillon::dispatcher::sendgrid {

inline constexpr std::size_t events_max = 10'000;  // of one call; 1 MiB holds fewer

// Changes `body`. Failure MALFORMED_RECEIPT: it is no JSON array, or one of too many events.
Result<ReadReceipts> read_receipts(std::string& body, UtcTime now);

}  // namespace carillon::dispatcher::sendgrid
