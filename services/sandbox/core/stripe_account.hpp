// A Stripe account in memory: customers, checkout sessions, subscriptions, and the events that tell of them. It takes
// any price and any key. Pure but for its state; one thread. Oldest entries leave when there are too many.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::sandbox {

inline constexpr std::size_t stripe_objects_max = 10'000;  // of each kind
inline constexpr std::size_t stripe_events_max = 5'000;
inline constexpr std::size_t stripe_keys_max = 10'000;  // idempotency keys

struct StripeCustomer {
  std::string id, email, name;
};

struct StripeSubscription {
  std::string id, customer, price;
  std::map<std::string, std::string> metadata;
  std::string status = "incomplete";
  std::int64_t period_start = 0, period_end = 0;  // seconds since 1970
  std::string card;                               // its last four digits
};

struct StripeCheckout {
  std::string id, price, client_reference_id, customer, email, success_url, cancel_url, subscription;
  std::map<std::string, std::string> metadata, subscription_metadata;
  bool complete = false;
};

struct StripePortal {
  std::string id, customer, return_url;
};

// One event, and what became of telling it.
struct StripeTold {
  std::string id, type, body;
  int status = 0;  // of the last answer; 0 = none yet
  int calls = 0;
};

class StripeAccount {
 public:
  // `run`: random digits that end every id.
  explicit StripeAccount(std::string run) : run_(std::move(run)) {}
  // `form` as Stripe's API takes it, `site` the address that pages are under. Failures have Stripe's parameter as code
  // and its words as detail.
  Result<std::string> make_checkout(std::string_view form, const std::string& site);  // the object as JSON
  Result<std::string> make_portal(std::string_view form, const std::string& site);
  const StripeCheckout* checkout(const std::string& id) const;
  const StripePortal* portal(const std::string& id) const;
  const StripeCustomer* customer(const std::string& id) const;
  const StripeSubscription* subscription(const std::string& id) const;
  const StripeSubscription* subscription_of(const std::string& customer) const;  // its newest

  // What people and tests do. Each gives the events that Stripe would send now, in an order of its own.
  // Failures: the card is declined, or the object is not in a state for it.
  using Events = std::vector<StripeTold>;
  Result<Events> pay(const std::string& checkout_id, std::string_view card, const std::string& email,
                     const std::string& name, UtcTime now);
  Result<Events> cancel(const std::string& subscription_id, UtcTime now);
  // The next period begins: its invoice is paid, or with `fail`, or a card that says so, it is not.
  Result<Events> renew(const std::string& subscription_id, bool fail, UtcTime now);
  Result<Events> pay_open_invoice(const std::string& subscription_id, UtcTime now);

  void keep(const StripeTold& event);
  void told(const std::string& event_id, int status);
  const std::deque<StripeTold>& events() const { return events_; }

  // The answer given before under this idempotency key; nullptr: none.
  const std::string* answered(const std::string& key) const;
  bool was_other(const std::string& key, const std::string& path_and_form) const;  // another call had this key
  void remember(const std::string& key, const std::string& path_and_form, const std::string& answer);

  static std::string customer_json(const StripeCustomer& of);
  static std::string subscription_json(const StripeSubscription& of);

 private:
  struct Answered {
    std::string path_and_form, answer;
  };
  std::string next_id(const char* prefix);
  // What somebody does here in one second takes months elsewhere: no two things happen in the same one.
  std::int64_t next_second(UtcTime now);

  const std::string run_;
  std::uint64_t last_id_ = 0;
  std::int64_t last_second_ = 0;
  std::map<std::string, StripeCustomer> customers_;
  std::map<std::string, StripeCheckout> checkouts_;
  std::map<std::string, StripePortal> portals_;
  std::map<std::string, StripeSubscription> subscriptions_;
  std::map<std::string, Answered> answered_;
  std::deque<StripeTold> events_;
};

}  // namespace carillon::sandbox
