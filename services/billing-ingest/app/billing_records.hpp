// What billing-ingest publishes: billing mail, the alert about an event that could not be handled, what a client's
// subscription has become, and audit entries. No personal data in audit entries.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "billing-ingest/app/client_directory.hpp"
#include "billing-ingest/core/decide_event.hpp"
#include "bus/outbox.hpp"
#include "events/events.hpp"
#include "time/utc_time.hpp"

namespace carillon::billing {

inline constexpr std::string_view event_source = "carillon/billing-ingest";

// The send request of the decision's mail. To the client's billing address, else to the one that Stripe has. `page_url`
// is where the client finds /billing; "" = mails carry no link to it.
void publish_mail(bus::Outbox& out, const StripeEvent& event, const Decision& decision, const Subscription& of,
                  const std::optional<ClientFacts>& client, const std::string& page_url, UtcTime now);

// STRIPE_WEBHOOK_FAILURE_ADMIN: of an event that is DEAD and can be replayed, once.
void publish_failure_alert(bus::Outbox& out, const EventHead& event, const std::string& error, int attempts,
                           UtcTime now);
// The same template, once for each `alarm` of an event that was decided: somebody has to look after the money.
void publish_money_alert(bus::Outbox& out, const EventHead& event, const std::string& alarm, const std::string& what,
                         UtcTime now);

void publish_billing_event(bus::Outbox& out, const events::BillingEvent& event, UtcTime now);

struct AuditFacts {
  std::string action, actor, subject_kind, subject_id, client_id, outcome;
  std::string reason = {};
  std::map<std::string, std::string> details = {};
};
void publish_audit(bus::Outbox& out, AuditFacts facts, UtcTime now, std::string_view traceparent = {});

}  // namespace carillon::billing
