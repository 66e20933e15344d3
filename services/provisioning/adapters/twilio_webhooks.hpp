// What Twilio tells of messages and calls that come in (twilio.com/docs/messaging/guides/webhook-request,
// twilio.com/docs/voice/twiml#request-parameters). Each call proves itself by X-Twilio-Signature over the public
// address and the form. Replies go through the pipe, so the answers are TwiML without messages.
//
//   not configured → 404; too large → 413; forged → 403; well signed, but not to be read → 400;
//   stored, or nothing to store → 200; the database is out of reach → 503, Twilio tries its fallback address
#pragma once
#include "http/router.hpp"
#include "provisioning/adapters/inbound_refusals.hpp"
#include "provisioning/app/converse.hpp"
#include "provisioning/onboarding_settings.hpp"

namespace carillon::provisioning {

void add_twilio_webhooks(http::Router& router, Converse& converse, InboundRefusals& refusals,
                         const OnboardingSettings& settings);

}  // namespace carillon::provisioning
