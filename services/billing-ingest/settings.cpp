#include "billing-ingest/settings.hpp"

#include <algorithm>

#include "values/recipient.hpp"

namespace carillon::billing {
namespace {

std::vector<std::string> split_secrets(const std::string& text) {
  std::vector<std::string> secrets;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    std::string one = text.substr(at, comma - at);
    one.erase(0, one.find_first_not_of(' '));
    one.erase(one.find_last_not_of(' ') + 1);
    secrets.push_back(std::move(one));
    at = comma + 1;
  }
  return secrets;
}

void read_webhook_secrets(service::Settings& settings, BillingSettings& out) {
  const std::string text =
      settings.secret("STRIPE_WEBHOOK_SECRET",
                      "Signing secret of Stripe's webhook endpoint (whsec_...); two, separated by a comma, while it is "
                      "rolled. Without it Stripe's events are answered 503");
  if (text.empty()) return;
  out.webhook_secrets = split_secrets(text);
  for (const std::string& secret : out.webhook_secrets)
    if (secret.empty() || has_control_characters(secret))
      return settings.error("STRIPE_WEBHOOK_SECRET: must be one secret, or two separated by a comma");
  if (out.webhook_secrets.size() > webhook_secrets_max)
    settings.error("STRIPE_WEBHOOK_SECRET: holds more than two secrets; leave out those that Stripe no longer uses");
}

void read_price(service::Settings& settings, PlanPrices& prices, const char* name, const char* plan,
                std::source_location where = std::source_location::current()) {
  const std::string price =
      settings.text(name, "", std::string("Stripe's id of the price (price_...) of the plan ") + plan, where);
  if (price.empty()) return;
  if (has_control_characters(price)) return settings.error(std::string(name) + ": holds a control character");
  if (!prices.plan_of_price.emplace(price, plan).second)
    settings.error(std::string(name) + ": another plan has the same price; each plan needs one of its own");
}

}  // namespace

BillingSettings BillingSettings::read(service::Settings& settings) {
  BillingSettings out;
  read_webhook_secrets(settings, out);
  out.secret_key =
      settings.secret("STRIPE_SECRET_KEY",
                      "Stripe's secret or restricted key (sk_..., rk_...) for checkout and portal; without "
                      "it both answer configured:false");
  if (has_control_characters(out.secret_key) || out.secret_key.find(' ') != std::string::npos)
    settings.error("STRIPE_SECRET_KEY: holds blanks or control characters");
  out.base_url = settings.url("STRIPE_BASE_URL", stripe_url, "Where Stripe's API is; for a sandbox or a proxy");
  while (!out.base_url.empty() && out.base_url.back() == '/') out.base_url.pop_back();
  out.payment_link_url = settings.url(
      "PAYMENT_LINK_URL", "",
      "Stripe payment link for clients who pay before they have an account; the client's id is added to it");
  read_price(settings, out.prices, "STRIPE_PRICE_SOLO", "SOLO");
  read_price(settings, out.prices, "STRIPE_PRICE_PORTFOLIO", "PORTFOLIO");
  read_price(settings, out.prices, "STRIPE_PRICE_PRO", "PRO");
  out.attempts_max = static_cast<int>(
      settings.integer("BILLING_EVENT_ATTEMPTS_MAX", 8, 1, 20,
                       "How often the handling of a Stripe event is tried before it is DEAD and an admin is told"));
  out.retention = std::chrono::days{settings.integer("BILLING_EVENT_RETENTION_DAYS", 90, 31, 3'650,
                                                     "How long Stripe's events are kept after they have come")};
  out.dead_retention = std::chrono::days{
      settings.integer("BILLING_DEAD_EVENT_RETENTION_DAYS", 730, 90, 3'650,
                       "How long Stripe's events are kept whose handling was given up; not less than the others")};
  if (out.dead_retention < out.retention)
    settings.error("BILLING_DEAD_EVENT_RETENTION_DAYS: must not be less than BILLING_EVENT_RETENTION_DAYS");
  out.queue_max = static_cast<std::size_t>(
      settings.integer("BILLING_WEBHOOK_QUEUE_MAX", 10'000, 1, 100'000,
                       "Stripe events that may wait for their commit; more are answered 503 and sent again by Stripe"));
  return out;
}

}  // namespace carillon::billing
