#include "sandbox/core/stripe_objects.hpp"

namespace carillon::sandbox {
namespace {

constexpr const char* currency = "eur";

void write_map(JsonText& json, const char* name, const std::map<std::string, std::string>& map) {
  json.begin(name);
  for (const auto& [key, value] : map) json.text(key, value);
  json.end();
}

void write_price(JsonText& json, const std::string& price) {
  json.begin("price");
  json.text("id", price);
  json.text("object", "price");
  json.text("currency", currency);
  json.number("unit_amount", stripe_price_cents(price));
  json.text("type", "recurring");
  json.end();
}

}  // namespace

std::int64_t stripe_price_cents(std::string_view price) {
  if (price.find("solo") != std::string_view::npos) return 1'900;
  if (price.find("portfolio") != std::string_view::npos) return 4'900;
  return price.find("pro") != std::string_view::npos ? 9'900 : 4'900;
}

void write_checkout(JsonText& json, const StripeCheckout& of, const StripeCustomer* customer, const std::string& site) {
  json.text("id", of.id);
  json.text("object", "checkout.session");
  json.number("amount_total", stripe_price_cents(of.price));
  json.text("cancel_url", of.cancel_url);
  if (!of.client_reference_id.empty()) json.text("client_reference_id", of.client_reference_id);
  json.text("currency", currency);
  if (customer != nullptr) {
    json.text("customer", customer->id);
    json.begin("customer_details");
    json.text("email", customer->email);
    json.text("name", customer->name);
    json.end();
  } else if (!of.email.empty()) {
    json.text("customer_email", of.email);
  }
  json.flag("livemode", false);
  write_map(json, "metadata", of.metadata);
  json.text("mode", "subscription");
  json.text("payment_status", of.complete ? "paid" : "unpaid");
  json.text("status", of.complete ? "complete" : "open");
  if (!of.subscription.empty()) json.text("subscription", of.subscription);
  json.text("success_url", of.success_url);
  if (!of.complete) json.text("url", site + "/stripe/checkout/" + of.id);
}

void write_subscription(JsonText& json, const StripeSubscription& of) {
  json.text("id", of.id);
  json.text("object", "subscription");
  json.text("currency", currency);
  json.text("customer", of.customer);
  if (of.status == "canceled") json.number("ended_at", of.period_end);
  json.begin("items");
  json.text("object", "list");
  json.begin_list("data");
  json.begin();
  json.text("id", "si_" + of.id);
  json.text("object", "subscription_item");
  json.number("current_period_start", of.period_start);
  json.number("current_period_end", of.period_end);
  write_price(json, of.price);
  json.number("quantity", 1);
  json.end();
  json.end_list();
  json.end();
  json.flag("livemode", false);
  write_map(json, "metadata", of.metadata);
  json.text("status", of.status);
}

void write_invoice(JsonText& json, const StripeInvoice& invoice, const StripeSubscription& of,
                   const StripeCustomer& customer) {
  const std::int64_t cents = stripe_price_cents(of.price);
  json.text("id", invoice.id);
  json.text("object", "invoice");
  json.number("amount_due", cents);
  json.number("amount_paid", invoice.paid ? cents : 0);
  json.text("billing_reason", invoice.billing_reason);
  json.text("currency", currency);
  json.text("customer", of.customer);
  json.text("customer_email", customer.email);
  json.text("customer_name", customer.name);
  json.text("hosted_invoice_url", "https://invoice.stripe.com/i/sandbox/" + invoice.id);
  json.begin("lines");
  json.text("object", "list");
  json.begin_list("data");
  json.begin();
  json.number("amount", cents);
  json.text("description", "1 × " + of.price);
  write_map(json, "metadata", of.metadata);
  json.begin("period");
  json.number("start", of.period_start);
  json.number("end", of.period_end);
  json.end();
  json.begin("pricing");
  json.begin("price_details");
  json.text("price", of.price);
  json.end();
  json.text("type", "price_details");
  json.end();
  json.end();
  json.end_list();
  json.end();
  json.flag("livemode", false);
  if (invoice.next_attempt > 0) json.number("next_payment_attempt", invoice.next_attempt);
  json.begin("parent");
  json.begin("subscription_details");
  write_map(json, "metadata", of.metadata);
  json.text("subscription", of.id);
  json.end();
  json.text("type", "subscription_details");
  json.end();
  json.text("status", invoice.paid ? "paid" : "open");
}

StripeTold stripe_event(const std::string& id, const std::string& type, std::int64_t created, const std::string& object,
                        const std::string& previous_status) {
  JsonText head;
  head.begin();
  head.text("id", id);
  head.text("object", "event");
  head.text("api_version", stripe_api_version);
  head.number("created", created);
  head.flag("livemode", false);
  head.text("type", type);
  head.end();
  std::string body = head.written();
  body.pop_back();
  body += ",\"data\":{\"object\":" + object;
  if (!previous_status.empty()) body += R"(,"previous_attributes":{"status":")" + previous_status + "\"}";
  return {id, type, body + "}}", 0, 0};
}

}  // namespace carillon::sandbox
