#include "sandbox/adapters/stripe_routes.hpp"

#include <fmt/format.h>

#include <kainjow/mustache.hpp>

#include "sandbox/adapters/web_files.hpp"
#include "sandbox/core/authorization.hpp"
#include "sandbox/core/form.hpp"
#include "sandbox/core/stripe_objects.hpp"

namespace carillon::sandbox {
namespace {

using kainjow::mustache::data;

constexpr const char* json_type = "application/json";
constexpr const char* html_type = "text/html; charset=utf-8";
constexpr std::size_t events_shown_max = 100;

Answer stripe_error(int status, std::string_view type, std::string_view message, std::string_view parameter = {}) {
  JsonText json;
  json.begin();
  json.begin("error");
  json.text("message", message);
  if (!parameter.empty()) json.text("param", parameter);
  json.text("type", type);
  json.end();
  json.end();
  return send_at_once(http_response(status, json_type, json.written()));
}

// What comes behind `begin`; nullopt when the path does not begin so or nothing, or more than one part, comes.
std::optional<std::string> rest_of(std::string_view path, std::string_view begin) {
  if (!path.starts_with(begin) || path.size() == begin.size()) return std::nullopt;
  const std::string_view rest = path.substr(begin.size());
  if (rest.find('/') != std::string_view::npos) return std::nullopt;
  return form_decoded(rest);
}

bool has_key(const HttpRequest& request) {
  const std::string_view authorization = request.header("Authorization");
  return is_bearer(authorization) || basic_auth(authorization).has_value() || authorization.starts_with("Basic ");
}

std::string page_of(const char* file, data& view) {
  kainjow::mustache::mustache page{std::string(web_file(file))};
  return page.render(view);
}

// "49.00 EUR"
std::string price_text(const std::string& price) {
  const std::int64_t cents = stripe_price_cents(price);
  return fmt::format("{}.{:02} EUR", cents / 100, cents % 100);
}

std::string date_text(std::int64_t seconds) {
  return to_rfc3339(UtcTime{std::chrono::seconds{seconds}}).substr(0, 10);
}

// Only addresses that a browser goes to; an order may name any.
bool is_web_address(const std::string& url) {
  return url.starts_with("http://") || url.starts_with("https://");
}

Answer html(int status, const std::string& body) {
  return send_at_once(http_response(status, html_type, body, page_headers));
}

}  // namespace

std::optional<Answer> StripeRoutes::api(const HttpRequest& request) {
  if (!request.path.starts_with("/v1/")) return std::nullopt;
  if (!has_key(request))
    return stripe_error(401, "invalid_request_error", "You did not provide an API key: send it as a Bearer token.");
  if (request.method == "POST") return create(request);
  if (request.method == "GET") return read(request);
  return stripe_error(404, "invalid_request_error", "Unrecognized request URL");
}

Answer StripeRoutes::create(const HttpRequest& request) {
  const bool is_checkout = request.path == "/v1/checkout/sessions";
  if (!is_checkout && request.path != "/v1/billing_portal/sessions")
    return stripe_error(404, "invalid_request_error", "The sandbox does not know this URL");
  const std::string key(request.header("Idempotency-Key"));
  const std::string path_and_form = std::string(request.path) + "?" + std::string(request.body);
  if (!key.empty() && account_.was_other(key, path_and_form))
    return stripe_error(
        400, "idempotency_error",
        "Keys for idempotent requests can only be used with the same parameters they were first used with.");
  if (const std::string* before = key.empty() ? nullptr : account_.answered(key))
    return send_at_once(http_response(200, json_type, *before, "Idempotent-Replayed: true\r\n"));
  const std::string site = site_.empty() ? "http://" + std::string(request.header("Host")) : site_;
  auto made = is_checkout ? account_.make_checkout(request.body, site) : account_.make_portal(request.body, site);
  if (!made) return stripe_error(400, "invalid_request_error", made.error().detail, made.error().code);
  if (!key.empty()) account_.remember(key, path_and_form, *made);
  return send_at_once(http_response(200, json_type, *made));
}

Answer StripeRoutes::read(const HttpRequest& request) const {
  if (const auto id = rest_of(request.path, "/v1/customers/")) {
    if (const auto* found = account_.customer(*id))
      return send_at_once(http_response(200, json_type, StripeAccount::customer_json(*found)));
  }
  if (const auto id = rest_of(request.path, "/v1/subscriptions/")) {
    if (const auto* found = account_.subscription(*id))
      return send_at_once(http_response(200, json_type, StripeAccount::subscription_json(*found)));
  }
  return stripe_error(404, "invalid_request_error", "No such object");
}

std::optional<Answer> StripeRoutes::page(const HttpRequest& request) {
  const std::string_view path = request.path;
  if (path == "/stripe" && request.method == "GET") return html(200, account_page());
  if (path == "/stripe/events" && request.method == "GET")
    return send_at_once(http_response(200, json_type, events_json()));
  if (const auto id = rest_of(path, "/stripe/checkout/")) {
    if (request.method == "POST") return pay(*id, request);
    return html(account_.checkout(*id) ? 200 : 404, checkout_page(*id, ""));
  }
  if (const auto id = rest_of(path, "/stripe/portal/")) {
    if (request.method == "POST") return act(*id, request);
    return html(account_.portal(*id) ? 200 : 404, portal_page(*id, ""));
  }
  if (const auto id = rest_of(path, "/stripe/subscriptions/"); id && request.method == "POST") {
    const auto refused = act_on(*id, form_value(request.body, "action"));
    if (refused) return problem_answer(409, "NOT_POSSIBLE", refused->detail);
    return send_at_once(http_response(200, json_type, StripeAccount::subscription_json(*account_.subscription(*id))));
  }
  return std::nullopt;
}

std::string StripeRoutes::checkout_page(const std::string& id, const std::string& error) const {
  const StripeCheckout* checkout = account_.checkout(id);
  data view;
  view.set("told", sender_.is_configured());
  if (checkout == nullptr) {
    view.set("unknown", true);
    return page_of("stripe_checkout.mustache", view);
  }
  const auto plan = checkout->metadata.find("plan");
  view.set("id", id);
  view.set("what", plan == checkout->metadata.end() ? checkout->price : plan->second);
  view.set("amount", price_text(checkout->price));
  const StripeCustomer* customer = account_.customer(checkout->customer);
  view.set("email", customer != nullptr ? customer->email : checkout->email);
  if (!error.empty()) view.set("error", error);
  if (is_web_address(checkout->cancel_url)) view.set("cancel_url", checkout->cancel_url);
  view.set(checkout->complete ? "complete" : "open", true);
  if (checkout->complete && is_web_address(checkout->success_url)) view.set("success_url", checkout->success_url);
  return page_of("stripe_checkout.mustache", view);
}

Answer StripeRoutes::pay(const std::string& id, const HttpRequest& request) {
  auto events = account_.pay(id, form_value(request.body, "card"), form_value(request.body, "email"),
                             form_value(request.body, "name"), clock_.now());
  if (!events) return html(402, checkout_page(id, events.error().detail));
  tell(*events);
  return html(200, checkout_page(id, ""));
}

std::string StripeRoutes::portal_page(const std::string& id, const std::string& note) const {
  const StripePortal* portal = account_.portal(id);
  data view;
  if (portal == nullptr) {
    view.set("unknown", true);
    return page_of("stripe_portal.mustache", view);
  }
  view.set("id", id);
  if (is_web_address(portal->return_url)) view.set("return_url", portal->return_url);
  if (!note.empty()) view.set("note", note);
  if (const StripeSubscription* of = account_.subscription_of(portal->customer)) {
    data subscription;
    subscription.set("id", of->id);
    subscription.set("amount", price_text(of->price));
    subscription.set("status", of->status);
    subscription.set("card", of->card);
    subscription.set("until", date_text(of->period_end));
    subscription.set("active", of->status == "active");
    subscription.set("past_due", of->status == "past_due");
    subscription.set("can_end", of->status != "canceled");
    view.set("subscription", subscription);
  }
  return page_of("stripe_portal.mustache", view);
}

Answer StripeRoutes::act(const std::string& portal, const HttpRequest& request) {
  const StripePortal* found = account_.portal(portal);
  const StripeSubscription* of = found == nullptr ? nullptr : account_.subscription_of(found->customer);
  if (of == nullptr) return html(404, portal_page(portal, ""));
  const auto refused = act_on(of->id, form_value(request.body, "action"));
  return html(refused ? 409 : 200, portal_page(portal, refused ? refused->detail : "Done."));
}

std::optional<Failure> StripeRoutes::act_on(const std::string& subscription, const std::string& action) {
  const UtcTime now = clock_.now();
  Result<StripeAccount::Events> events = Failure{"action", "action: must be cancel, renew, fail or pay"};
  if (action == "cancel") events = account_.cancel(subscription, now);
  if (action == "renew" || action == "fail") events = account_.renew(subscription, action == "fail", now);
  if (action == "pay") events = account_.pay_open_invoice(subscription, now);
  if (!events) return events.error();
  tell(*events);
  return std::nullopt;
}

void StripeRoutes::tell(const StripeAccount::Events& events) {
  for (const StripeTold& event : events) {
    account_.keep(event);
    sender_.send(event.body, [this, id = event.id](int status) { account_.told(id, status); });
  }
}

std::string StripeRoutes::account_page() const {
  data view;
  view.set("told", sender_.is_configured());
  data events{data::type::list};
  std::size_t shown = 0;
  for (auto each = account_.events().rbegin(); each != account_.events().rend() && shown < events_shown_max;
       ++each, ++shown) {
    data one;
    one.set("id", each->id);
    one.set("type", each->type);
    one.set("status", each->calls == 0    ? "not told yet"
                      : each->status == 0 ? "no answer"
                                          : std::to_string(each->status));
    one.set("failed", each->calls > 0 && each->status / 100 != 2);
    events << one;
  }
  if (shown > 0) view.set("events", events);
  view.set("none", shown == 0);
  return page_of("stripe.mustache", view);
}

std::string StripeRoutes::events_json() const {
  JsonText json;
  json.begin_list();
  for (const StripeTold& event : account_.events()) {
    json.begin();
    json.text("id", event.id);
    json.text("type", event.type);
    json.number("status", event.status);
    json.number("calls", event.calls);
    json.text("body", event.body);
    json.end();
  }
  json.end_list();
  return json.written();
}

}  // namespace carillon::sandbox
