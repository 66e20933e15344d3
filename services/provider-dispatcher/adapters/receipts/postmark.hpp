// Postmark's webhooks (postmarkapp.com/developer/webhooks/webhooks-overview): one JSON object a call, told apart by
// RecordType; Metadata is what we gave with the call. Pure.
//
//   Delivery                                             → DELIVERED
//   Bounce: HardBounce, BadEmailAddress                  → BOUNCED, recipient suppressed
//   Bounce: ManuallyDeactivated                          → UNDELIVERED, recipient suppressed
//   Bounce: SpamComplaint; SpamComplaint                 → COMPLAINED, recipient suppressed
//   Bounce: Unsubscribe; SubscriptionChange that ends    → UNSUBSCRIBED, recipient suppressed
//   Bounce: AutoResponder, AddressChange, Subscribe, OpenRelayTest, ChallengeVerification → nothing new: it was
//   delivered any other Bounce: Postmark has given up              → UNDELIVERED (suppressed where Postmark says
//   Inactive) Open, Click, SubscriptionChange that begins again, whatever is not named here → nothing new
#pragma once
#include "provider-dispatcher/adapters/receipts/read_receipts.hpp"

namespace carillon::dispatcher::postmark {

// Changes `body`. Failure MALFORMED_RECEIPT.
Result<ReadReceipts> read_receipts(std::string& body, UtcTime now);

}  // namespace carillon::dispatcher::postmark
