// What Twilio tells of messages and calls that come in (twilio.com/docs/messaging/guides/webhook-request,
// twilio.com/docs/voice/twiml#request-parameters). Each call proves itself by X-Twilio-Signature over the public
// address and the form. Replies go through the pipe, so the answers are TwiML without messages.
//
//   not configured → 404; too large → 413; forged → 403; well signed, but not to be read → 400;
//   stored, or nothing to store → 200; the database is out of reach → 503, Twilio tries its fallback address
#pragma once
#include <string>
#include <vector>

#include "http/router.hpp"
#include "provisioning/adapters/inbound_refusals.hpp"
#include "provisioning/app/converse.hpp"

namespace carillon::provisioning {

// `tokens`: Twilio's auth tokens, one or two; `public_url`: where Twilio reaches this platform, without a last slash.
// One of them missing: not configured. Both must outlive the router.
void add_twilio_webhooks(http::Router& router, Converse& converse, InboundRefusals& refusals,
                         const std::vector<std::string>& tokens, const std::string& public_url,
                         const http::Guard& guard);

}  // namespace carillon::provisioning
