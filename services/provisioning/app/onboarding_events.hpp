// What a turn of the onboarding conversation publishes: the reply on the one pipe, STOP, audit entries.
#pragma once
#include <string>
#include <string_view>

#include "bus/outbox.hpp"
#include "provisioning/core/client.hpp"
#include "provisioning/core/onboarding.hpp"
#include "time/utc_time.hpp"

namespace carillon::provisioning {

// ONBOARDING_REPLY to the owner, from the client's own number where it has one. `cause`: what is answered, once.
void publish_reply(bus::Outbox& out, const Client& client, const std::string& reply, const std::string& cause,
                   UtcTime now, std::string_view traceparent);

// Nothing more by SMS to the sender, whose reference is given; the orchestrator suppresses it for every provider.
void publish_stop(bus::Outbox& out, const std::string& sender_hash, const std::string& actor, UtcTime now,
                  std::string_view traceparent);

// ONBOARDING_STEP for what moved, ONBOARDING_REFUSED for what did not; nothing for what was only asked again.
void audit_turn(bus::Outbox& out, const Client& client, OnboardingState from, const Turn& turn,
                const std::string& actor, UtcTime now, std::string_view traceparent);

// A message or call that moved no conversation, for its `reason`; `client_id` may be empty.
void audit_inbound(bus::Outbox& out, const char* action, const std::string& sender_hash, const std::string& client_id,
                   const char* reason, const std::string& actor, UtcTime now, std::string_view traceparent);

}  // namespace carillon::provisioning
