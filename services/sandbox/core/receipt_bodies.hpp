// The receipts of each provider as the bodies of its webhook, unsigned. The same facts and event give the same ids,
// so that a repeated receipt can be told by them. Pure.
// Sources: postmarkapp.com/developer/webhooks (and the types of its Node library), twilio.com/docs/sendgrid/
// for-developers/tracking-events/event, docs.aws.amazon.com/ses/latest/dg/notification-contents.html and
// event-publishing-retrieving-sns-contents.html, twilio.com/docs/messaging/guides/track-outbound-message-status.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sandbox/core/receipt_facts.hpp"
#include "sandbox/core/receipt_order.hpp"
#include "time/utc_time.hpp"

namespace carillon::sandbox {

std::string postmark_receipt(const ReceiptFacts& facts, ReceiptEvent event, UtcTime at);

// One element of the array that SendGrid posts. custom_args are members of it, as SendGrid has them.
std::string sendgrid_event(const ReceiptFacts& facts, ReceiptEvent event, UtcTime at);

// The Message of the notification. With a configuration set it is an event of event publishing (eventType, with
// tags), without one a feedback notification (notificationType, without tags).
std::string ses_event(const ReceiptFacts& facts, ReceiptEvent event, UtcTime at);

// The form of a status callback, decoded.
std::vector<std::pair<std::string, std::string>> twilio_callback(const ReceiptFacts& facts, ReceiptEvent event,
                                                                 UtcTime at);

// 32 hex digits, always the same for a message's event.
std::string event_digits(const ReceiptFacts& facts, std::string_view word);

std::string aws_time(UtcTime at);  // "2026-01-31T23:59:59.001Z"

}  // namespace carillon::sandbox
