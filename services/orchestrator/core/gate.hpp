// Whether a message may be sent: the checks of the pipe, in their fixed order, the first refusal wins. Pure.
#pragma once
#include <optional>

#include "events/events.hpp"
#include "orchestrator/core/recipients.hpp"
#include "orchestrator/core/render.hpp"
#include "orchestrator/core/template_meta.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

struct ProviderFacts {
  bool channel_enabled = false;  // SMS_ENABLED for SMS
  bool any_configured = false;   // some provider of the channel has its settings
};

// Everything known about one message. Pointers are borrowed and may be null where noted.
struct GateInput {
  const events::SendRequest& request;
  const TemplateMeta* meta = nullptr;           // null: no such template
  bool version_found = true;                    // false: the pinned version does not exist
  const RenderData* data = nullptr;             // null only together with meta
  const events::ClientState* client = nullptr;  // null: unknown, or none named
  const Refusal* recipient_refusal = nullptr;   // from resolve_recipients; null: there is a recipient
  bool preference_off = false;
  bool suppressed = false;
  ProviderFacts provider;
  bool unsubscribed = false;                    // the recipient, from this template's category
  const Refusal* attachment_refusal = nullptr;  // null: what the request names may go along
  bool recipient_off = false;                   // switched off for this recipient alone
};

// Refusals that stand also for what was let through before and has waited since.
Refusal suppressed_refusal();
Refusal unsubscribed_refusal();
Refusal switched_off_refusal(bool by_client);  // else for the recipient alone

// nullopt: go on to the rate window and the throttle.
std::optional<Refusal> gate(const GateInput& input, UtcTime now);

// Of a message that waits for its send_at: only what no waiting mends. The rest is looked at when its time comes.
std::optional<Refusal> gate_before_waiting(const GateInput& input);

}  // namespace carillon::orchestrator
