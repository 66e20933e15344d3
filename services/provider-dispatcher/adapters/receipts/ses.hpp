// What SES publishes to an SNS topic, as event publishing ("eventType") or as notifications of an identity
// ("notificationType"); docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html and
// notification-contents.html. Event publishing repeats the tags we gave with the call, notifications only name SES's
// id of the mail: their receipts have no message_id and are matched by it. Pure.
//
//   Delivery                                             → DELIVERED
//   Bounce Permanent                                     → BOUNCED, recipient suppressed
//   Bounce Transient General                             → nothing new: it may be an automatic reply to a delivered
//   mail other Bounce: SES has given up                       → UNDELIVERED Complaint → COMPLAINED, recipient
//   suppressed Complaint OnAccountSuppressionList: SES did not try  → UNDELIVERED, recipient suppressed Complaint
//   not-spam                                   → nothing new Reject, Rendering Failure                            →
//   UNDELIVERED Send, DeliveryDelay, Open, Click, Subscription, whatever is not named here → nothing new
#pragma once
#include "provider-dispatcher/adapters/receipts/read_receipts.hpp"

namespace carillon::dispatcher::ses {

// `message`: the Message of an SNS notification; changed. Failure MALFORMED_RECEIPT.
Result<ReadReceipts> read_receipts(std::string& message, UtcTime now);

}  // namespace carillon::dispatcher::ses
