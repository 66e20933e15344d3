#include "billing-ingest/app/open_billing.hpp"

#include "billing-ingest/app/billing_records.hpp"
#include "billing-ingest/app/subscription_book.hpp"
#include "billing_sql.hpp"
#include "http/url.hpp"
#include "security/digest.hpp"

namespace carillon::billing {
namespace {

// Whoever asks twice within this time gets the same session: a double click makes no second one.
constexpr std::chrono::minutes same_order_window{2};

Opened refuse(const char* code, std::string detail) {
  return {{}, {}, Failure{code, std::move(detail)}};
}

Opened opened(Result<std::string> url) {
  if (url) return {std::move(*url), {}, std::nullopt};
  return {{}, {}, url.error()};
}

std::string price_setting(const std::string& plan) {
  return "STRIPE_PRICE_" + plan;
}

std::string order_key(const char* what, const std::string& order, UtcTime now) {
  const auto window = now.time_since_epoch() / same_order_window;
  return std::string("carillon-") + what + "-" +
         security::hex(security::sha256(order + "\n" + std::to_string(window))).substr(0, 40);
}

}  // namespace

std::optional<Subscription> OpenBilling::subscription_of(const std::string& client_id) {
  auto connection = pool_.take();
  const auto all = read_subscriptions(connection->run(billing_sql::client_subscriptions, pg::Params().add(client_id)));
  const Subscription* best = effective(all);
  return best == nullptr ? std::nullopt : std::optional(*best);
}

std::string OpenBilling::payment_link(const std::string& client_id) const {
  if (settings_.payment_link_url.empty()) return {};
  const char joint = settings_.payment_link_url.find('?') == std::string::npos ? '?' : '&';
  return settings_.payment_link_url + joint + "client_reference_id=" + http::percent_encoded(client_id);
}

Opened OpenBilling::checkout(const Asker& asker, const std::string& plan, const std::string& site) {
  Opened result = open_checkout(asker, plan, site);
  audit(asker, "CHECKOUT", result, is_plan(plan) ? plan : "");
  return result;
}

Opened OpenBilling::portal(const Asker& asker, const std::string& site) {
  Opened result = open_portal(asker, site);
  audit(asker, "PORTAL", result, "");
  return result;
}

Opened OpenBilling::open_checkout(const Asker& asker, const std::string& plan, const std::string& site) {
  if (!asker.is_owner) return refuse("FORBIDDEN", "only the client's OWNER may buy a plan");
  if (!is_plan(plan)) return refuse("INVALID_PLAN", "plan: must be SOLO, PORTFOLIO or PRO");
  CheckoutOrder order{asker.client_id, plan, settings_.prices.price_of(plan), {}, {}, {}, {}};
  Opened result;
  if (!settings_.is_configured()) result.missing.emplace_back("STRIPE_SECRET_KEY");
  if (order.price.empty()) result.missing.push_back(price_setting(plan));
  if (!result.missing.empty()) return result;
  const auto subscription = subscription_of(asker.client_id);
  if (subscription && standing(subscription->status) > standing("incomplete"))
    return refuse("SUBSCRIPTION_EXISTS", "there is a subscription already; the portal changes or ends it");
  const auto client = clients_.find(asker.client_id);
  order.customer_id = subscription ? subscription->customer_id : "";
  order.email = client && !client->email.empty() ? client->email : asker.email;
  order.success_url = site + "/billing?checkout=done";
  order.cancel_url = site + "/billing?checkout=canceled";
  const std::string what =
      order.client_id + "\n" + plan + "\n" + order.price + "\n" + order.customer_id + "\n" + order.email + "\n" + site;
  return opened(stripe_.make_checkout_session(order, order_key("checkout", what, clock_.now())));
}

Opened OpenBilling::open_portal(const Asker& asker, const std::string& site) {
  if (!asker.is_owner) return refuse("FORBIDDEN", "only the client's OWNER may change the subscription");
  if (!settings_.is_configured()) return {{}, {"STRIPE_SECRET_KEY"}, std::nullopt};
  const auto subscription = subscription_of(asker.client_id);
  if (!subscription || subscription->customer_id.empty())
    return refuse("NO_SUBSCRIPTION", "there is no subscription yet; choose a plan first");
  const std::string return_url = site + "/billing";
  const std::string what = subscription->customer_id + "\n" + return_url;
  return opened(
      stripe_.make_portal_session(subscription->customer_id, return_url, order_key("portal", what, clock_.now())));
}

void OpenBilling::note_refused(const Asker& asker, const std::string& what, const std::string& code) {
  audit(asker, what, refuse(code.c_str(), ""), "");
}

void OpenBilling::audit(const Asker& asker, const std::string& what, const Opened& result, const std::string& plan) {
  const char* outcome = result.refused ? "REFUSED" : result.url.empty() ? "NOT_CONFIGURED" : "CREATED";
  AuditFacts facts{
      "BILLING_" + what + "_" + outcome,         asker.actor, "client", asker.client_id, asker.client_id, outcome,
      result.refused ? result.refused->code : ""};
  if (!plan.empty()) facts.details["plan"] = plan;
  if (!result.missing.empty()) facts.details["missing"] = result.missing.front();
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  bus::Outbox out;
  pg::Transaction tx(*connection);
  publish_audit(out, std::move(facts), now, asker.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
}

}  // namespace carillon::billing
