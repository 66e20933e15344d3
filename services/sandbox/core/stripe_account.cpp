#include "sandbox/core/stripe_account.hpp"

#include <algorithm>

#include "sandbox/core/form.hpp"
#include "sandbox/core/stripe_objects.hpp"

namespace carillon::sandbox {
namespace {

constexpr std::int64_t period_seconds = 30 * 24 * 3'600;
constexpr std::int64_t retry_seconds = 3 * 24 * 3'600;
constexpr std::string_view pays = "4242424242424242";
constexpr std::string_view fails_later = "4000000000000341";
constexpr std::string_view last_four_that_fail = "0341";

template <class Map>
const typename Map::mapped_type* find(const Map& map, const std::string& id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : &found->second;
}

template <class Map>
void make_room(Map& map, std::size_t max) {
  if (map.size() >= max) map.erase(map.begin());  // ids grow, so this is the oldest
}

Failure missing(const char* parameter) {
  return {parameter, std::string("Missing required param: ") + parameter + "."};
}

// "prefix[name]=value" of a form, by name.
std::map<std::string, std::string> map_in(std::string_view form, const std::string& prefix) {
  std::map<std::string, std::string> found;
  while (!form.empty()) {
    const std::size_t end = std::min(form.find('&'), form.size());
    const std::string_view field = form.substr(0, end);
    const std::size_t equals = std::min(field.find('='), field.size());
    const std::string name = form_decoded(field.substr(0, equals));
    if (name.size() > prefix.size() + 2 && name.starts_with(prefix + "[") && name.back() == ']')
      found[name.substr(prefix.size() + 1, name.size() - prefix.size() - 2)] =
          form_decoded(field.substr(std::min(equals + 1, field.size())));
    form.remove_prefix(std::min(end + 1, form.size()));
  }
  return found;
}

std::string digits_of(std::string_view card) {
  std::string digits;
  for (const char c : card)
    if (c >= '0' && c <= '9') digits += c;
  return digits;
}

std::string object_of(const StripeSubscription& of) {
  return stripe_object([&](JsonText& json) { write_subscription(json, of); });
}

}  // namespace

std::int64_t StripeAccount::next_second(UtcTime now) {
  const std::int64_t second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  return last_second_ = std::max(second, last_second_ + 1);
}

std::string StripeAccount::next_id(const char* prefix) {
  std::string number = std::to_string(++last_id_);
  number.insert(0, 12 - std::min<std::size_t>(12, number.size()), '0');
  return prefix + number + run_;
}

const StripeCheckout* StripeAccount::checkout(const std::string& id) const {
  return find(checkouts_, id);
}
const StripePortal* StripeAccount::portal(const std::string& id) const {
  return find(portals_, id);
}
const StripeCustomer* StripeAccount::customer(const std::string& id) const {
  return find(customers_, id);
}
const StripeSubscription* StripeAccount::subscription(const std::string& id) const {
  return find(subscriptions_, id);
}

const StripeSubscription* StripeAccount::subscription_of(const std::string& customer) const {
  for (auto each = subscriptions_.rbegin(); each != subscriptions_.rend(); ++each)
    if (each->second.customer == customer) return &each->second;
  return nullptr;
}

Result<std::string> StripeAccount::make_checkout(std::string_view form, const std::string& site) {
  StripeCheckout made;
  made.price = form_value(form, "line_items[0][price]");
  made.success_url = form_value(form, "success_url");
  made.cancel_url = form_value(form, "cancel_url");
  made.customer = form_value(form, "customer");
  made.email = form_value(form, "customer_email");
  made.client_reference_id = form_value(form, "client_reference_id");
  made.metadata = map_in(form, "metadata");
  made.subscription_metadata = map_in(form, "subscription_data[metadata]");
  if (form_value(form, "mode") != "subscription")
    return Failure{"mode", "The sandbox knows checkout sessions of the mode subscription only."};
  if (made.price.empty()) return missing("line_items[0][price]");
  if (made.success_url.empty()) return missing("success_url");
  if (!made.customer.empty() && customer(made.customer) == nullptr)
    return Failure{"customer", "No such customer: '" + made.customer + "'"};
  made.id = next_id("cs_test_");
  make_room(checkouts_, stripe_objects_max);
  const auto& kept = checkouts_[made.id] = made;
  return stripe_object([&](JsonText& json) { write_checkout(json, kept, customer(kept.customer), site); });
}

Result<std::string> StripeAccount::make_portal(std::string_view form, const std::string& site) {
  StripePortal made{next_id("bps_"), form_value(form, "customer"), form_value(form, "return_url")};
  if (made.customer.empty()) return missing("customer");
  if (customer(made.customer) == nullptr) return Failure{"customer", "No such customer: '" + made.customer + "'"};
  make_room(portals_, stripe_objects_max);
  portals_[made.id] = made;
  return stripe_object([&](JsonText& json) {
    json.text("id", made.id);
    json.text("object", "billing_portal.session");
    json.text("customer", made.customer);
    json.flag("livemode", false);
    json.text("return_url", made.return_url);
    json.text("url", site + "/stripe/portal/" + made.id);
  });
}

Result<StripeAccount::Events> StripeAccount::pay(const std::string& checkout_id, std::string_view card,
                                                 const std::string& email, const std::string& name, UtcTime now) {
  const auto found = checkouts_.find(checkout_id);
  if (found == checkouts_.end()) return Failure{"checkout", "This checkout does not exist."};
  StripeCheckout& checkout = found->second;
  if (checkout.complete) return Failure{"checkout", "This checkout is paid already."};
  const std::string number = digits_of(card);
  if (number != pays && number != fails_later)
    return Failure{"card", "Your card was declined. 4242 4242 4242 4242 pays."};
  if (checkout.customer.empty()) {
    make_room(customers_, stripe_objects_max);
    checkout.customer = next_id("cus_");
    customers_[checkout.customer] = {checkout.customer, email.empty() ? checkout.email : email, name};
  }
  const StripeCustomer& payer = customers_[checkout.customer];
  const std::int64_t at = next_second(now);
  make_room(subscriptions_, stripe_objects_max);
  checkout.subscription = next_id("sub_");
  StripeSubscription& made = subscriptions_[checkout.subscription];
  made.id = checkout.subscription;
  made.customer = checkout.customer;
  made.price = checkout.price;
  made.metadata = checkout.subscription_metadata;
  made.card = number.substr(number.size() - 4);
  made.period_start = at;
  made.period_end = at + period_seconds;
  checkout.complete = true;
  Events events{stripe_event(next_id("evt_"), "customer.subscription.created", at, object_of(made))};
  made.status = "active";
  const StripeInvoice invoice{next_id("in_"), "subscription_create"};
  events.push_back(stripe_event(next_id("evt_"), "invoice.paid", at,
                                stripe_object([&](JsonText& json) { write_invoice(json, invoice, made, payer); })));
  events.push_back(stripe_event(next_id("evt_"), "customer.subscription.updated", at, object_of(made), "incomplete"));
  events.push_back(stripe_event(next_id("evt_"), "checkout.session.completed", at,
                                stripe_object([&](JsonText& json) { write_checkout(json, checkout, &payer, {}); })));
  return events;
}

Result<StripeAccount::Events> StripeAccount::cancel(const std::string& subscription_id, UtcTime now) {
  const auto found = subscriptions_.find(subscription_id);
  if (found == subscriptions_.end() || found->second.status == "canceled")
    return Failure{"subscription", "There is no subscription to cancel."};
  found->second.status = "canceled";
  found->second.period_end = next_second(now);
  return Events{stripe_event(next_id("evt_"), "customer.subscription.deleted", found->second.period_end,
                             object_of(found->second))};
}

Result<StripeAccount::Events> StripeAccount::renew(const std::string& subscription_id, bool fail, UtcTime now) {
  const auto found = subscriptions_.find(subscription_id);
  if (found == subscriptions_.end() || found->second.status != "active")
    return Failure{"subscription", "Only an active subscription can begin its next period."};
  StripeSubscription& of = found->second;
  const std::int64_t at = next_second(now);
  of.period_start = of.period_end;
  of.period_end += period_seconds;
  const bool fails = fail || of.card == last_four_that_fail;
  const StripeInvoice invoice{next_id("in_"), "subscription_cycle", !fails, fails ? at + retry_seconds : 0};
  Events events{
      stripe_event(next_id("evt_"), fails ? "invoice.payment_failed" : "invoice.paid", at,
                   stripe_object([&](JsonText& json) { write_invoice(json, invoice, of, customers_[of.customer]); }))};
  if (fails) of.status = "past_due";
  events.push_back(
      stripe_event(next_id("evt_"), "customer.subscription.updated", at, object_of(of), fails ? "active" : ""));
  return events;
}

Result<StripeAccount::Events> StripeAccount::pay_open_invoice(const std::string& subscription_id, UtcTime now) {
  const auto found = subscriptions_.find(subscription_id);
  if (found == subscriptions_.end() || found->second.status != "past_due")
    return Failure{"subscription", "No invoice is open."};
  StripeSubscription& of = found->second;
  of.status = "active";
  of.card = pays.substr(pays.size() - 4);
  const std::int64_t at = next_second(now);
  const StripeInvoice invoice{next_id("in_"), "subscription_cycle"};
  return Events{stripe_event(next_id("evt_"), "invoice.paid", at, stripe_object([&](JsonText& json) {
                               write_invoice(json, invoice, of, customers_[of.customer]);
                             })),
                stripe_event(next_id("evt_"), "customer.subscription.updated", at, object_of(of), "past_due")};
}

void StripeAccount::keep(const StripeTold& event) {
  if (events_.size() >= stripe_events_max) events_.pop_front();
  events_.push_back(event);
}

void StripeAccount::told(const std::string& event_id, int status) {
  for (auto each = events_.rbegin(); each != events_.rend(); ++each) {
    if (each->id != event_id) continue;
    each->status = status;
    ++each->calls;
    return;
  }
}

const std::string* StripeAccount::answered(const std::string& key) const {
  const Answered* before = find(answered_, key);
  return before == nullptr ? nullptr : &before->answer;
}

bool StripeAccount::was_other(const std::string& key, const std::string& path_and_form) const {
  const Answered* before = find(answered_, key);
  return before != nullptr && before->path_and_form != path_and_form;
}

void StripeAccount::remember(const std::string& key, const std::string& path_and_form, const std::string& answer) {
  make_room(answered_, stripe_keys_max);
  answered_[key] = {path_and_form, answer};
}

std::string StripeAccount::customer_json(const StripeCustomer& of) {
  return stripe_object([&](JsonText& json) {
    json.text("id", of.id);
    json.text("object", "customer");
    json.text("email", of.email);
    json.flag("livemode", false);
    json.text("name", of.name);
  });
}

std::string StripeAccount::subscription_json(const StripeSubscription& of) {
  return object_of(of);
}

}  // namespace carillon::sandbox
