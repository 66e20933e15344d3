// A Stripe event as far as we go by it. Both forms of Stripe's objects are read: before and since API version
// 2025-03-31, which moved an invoice's subscription below `parent` and a subscription's period into its items. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing-ingest/core/amount.hpp"
#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::billing {

inline constexpr std::size_t event_id_chars_max = 255;  // Stripe's ids are not longer (docs.stripe.com/upgrades)
inline constexpr std::size_t event_type_chars_max = 255;
inline constexpr std::size_t stripe_text_chars_max = 500;  // of names, ids and metadata values; longer ones are cut

// By what events of one second happen after one another: a subscription is made, then paid, then changed, then ended.
enum class EventKind {
  OTHER,
  SUBSCRIPTION_CREATED,
  CHECKOUT,
  INVOICE_FAILED,
  INVOICE_PAID,
  SUBSCRIPTION_UPDATED,
  SUBSCRIPTION_DELETED
};
inline int rank_of(EventKind kind) {
  return static_cast<int>(kind);
}
EventKind kind_of(std::string_view type);

// What every event has.
struct EventHead {
  std::string id;    // "evt_..."
  std::string type;  // "invoice.paid"
  UtcTime created{};
};

struct StripeEvent {
  EventHead head;
  EventKind kind = EventKind::OTHER;
  bool is_test = false;                      // of Stripe's test mode
  std::string named_client;                  // client_reference_id or metadata.client_id; "" = it names none
  std::string customer_id, subscription_id;  // "" = none
  std::vector<std::string> prices;
  std::string metadata_plan, description;
  std::string email, name;  // whom Stripe bills
  std::optional<UtcTime> period_end;
  std::optional<Amount> amount;
  // Of a subscription: its state now and, where that has changed, before.
  std::string status, previous_status;
  std::vector<std::string> previous_prices;
  std::optional<UtcTime> ended_at;
  // Of a checkout.
  bool bare_reference = false;     // only client_reference_id names the client: whoever has the link can write that
  bool wants_subscription = true;  // false: a single payment, or only a card to be kept
  bool paid = false;               // or nothing is to be paid now
  bool trial = false;              // nothing is to be paid now
  // Of an invoice.
  bool first_period = false;  // it is the one that a subscription begins with
  bool renewal = false;       // it is one of a later period
  std::string invoice_url;
  std::optional<UtcTime> next_attempt;
};

// Failure MALFORMED_EVENT names what is missing or can't be; it repeats nothing of the event.
Result<EventHead> read_head(std::string_view body);
// Of a kind that is OTHER nothing but the head is read.
Result<StripeEvent> read_event(std::string_view body);

}  // namespace carillon::billing
