#include "billing-ingest/adapters/http_billing.hpp"

#include <rapidjson/document.h>

#include "billing-ingest/adapters/billing_page.hpp"
#include "events/json.hpp"
#include "http/media_type.hpp"
#include "pages/access.hpp"
#include "pages/page.hpp"

namespace carillon::billing {
namespace {

using security::Role;

Asker asker_of(const http::Request& request, const pages::Visitor& visitor) {
  return {"account:" + visitor.account_id, visitor.client_id, visitor.email, visitor.role == Role::OWNER,
          request.traceparent};
}
Asker asker_of(const http::Request& request) {
  return asker_of(request, pages::visitor_of(request));
}

// Where Stripe sends people back to: our public address, else the one they have called.
std::string site_of(const http::Request& request, const std::string& public_url) {
  return public_url.empty() ? "http://" + std::string(http::field(request.headers, "Host")) : public_url;
}

int status_of(const std::string& code) {
  if (code == "FORBIDDEN") return 403;
  if (code == "INVALID_PLAN") return 400;
  if (code == "SUBSCRIPTION_EXISTS" || code == "NO_SUBSCRIPTION") return 409;
  return code == "STRIPE_REFUSED" ? 502 : 503;
}

Result<std::string> plan_in(const http::Request& request) {
  if (!http::is_json(http::media_type(request))) return Failure{"UNSUPPORTED_MEDIA_TYPE", "send application/json"};
  const auto object = events::parse_object(request.body);
  if (!object) return object.error();
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(object->text.data(), object->text.size());
  const auto plan = document.FindMember("plan");
  if (plan == document.MemberEnd() || !plan->value.IsString()) return std::string{};
  return std::string(plan->value.GetString(), plan->value.GetStringLength());
}

}  // namespace

void HttpBilling::routes(http::Router& router) {
  const auto noted = [this](const char* what) {
    return [this, what](const http::Request& request, const pages::Visitor& visitor, std::string_view code) {
      open_.note_refused(asker_of(request, visitor), what, std::string(code));
    };
  };
  const auto shown = [this](http::Response (HttpBilling::*handler)(const http::Request&)) {
    return pages::shown_as_page(platform_, [this, handler](const http::Request& r) { return (this->*handler)(r); });
  };
  const auto guard = [&](pages::Refusal refusal, const char* what) {
    return pages::require_session(platform_, {Role::OWNER, Role::STAFF}, refusal, noted(what));
  };
  router.add(http::Method::GET, "/billing", shown(&HttpBilling::page), guard(pages::Refusal::PAGE, "PAGE"));
  router.add(http::Method::POST, "/billing/checkout", shown(&HttpBilling::post_checkout),
             guard(pages::Refusal::PAGE, "CHECKOUT"));
  router.add(http::Method::POST, "/billing/portal", shown(&HttpBilling::post_portal),
             guard(pages::Refusal::PAGE, "PORTAL"));
  router.add(
      http::Method::POST, "/api/billing/checkout-session",
      [this](const http::Request& request) { return api_checkout(request); }, guard(pages::Refusal::API, "CHECKOUT"));
  router.add(
      http::Method::GET, "/api/billing/portal-link",
      [this](const http::Request& request) { return api_portal(request); }, guard(pages::Refusal::API, "PORTAL"));
}

http::Response HttpBilling::page(const http::Request& request) {
  const pages::Visitor visitor = pages::visitor_of(request);
  BillingView view;
  view.subscription = open_.subscription_of(visitor.client_id);
  view.payment_link = open_.payment_link(visitor.client_id);
  const auto came_from = request.query.find("checkout");
  if (came_from != request.query.end() && came_from->second == "done")
    view.flash = pages::Flash{pages::Flash::Kind::DONE,
                              "Thank you. Stripe tells us of your payment in a "
                              "moment; reload this page to see it."};
  if (came_from != request.query.end() && came_from->second == "canceled")
    view.flash = pages::Flash{pages::Flash::Kind::WARNING, "The checkout was left. Nothing was paid."};
  return billing_page(platform_, settings_, visitor, view);
}

http::Response HttpBilling::post_checkout(const http::Request& request) {
  const auto form = pages::read_form(request);
  if (!form) return pages::notice(platform_, {.title = "Billing", .sentence = "", .status = 400}, form.error().detail);
  return go_on(request, open_.checkout(asker_of(request), (*form)["plan"], site_of(request, settings_.public_url)));
}

http::Response HttpBilling::post_portal(const http::Request& request) {
  return go_on(request, open_.portal(asker_of(request), site_of(request, settings_.public_url)));
}

// To Stripe, or back to the page with the reason.
http::Response HttpBilling::go_on(const http::Request& request, const Opened& opened) {
  if (!opened.url.empty()) return pages::see_other(platform_, opened.url);
  const pages::Visitor visitor = pages::visitor_of(request);
  BillingView view;
  view.subscription = open_.subscription_of(visitor.client_id);
  view.payment_link = open_.payment_link(visitor.client_id);
  view.flash = pages::Flash{pages::Flash::Kind::REFUSED,
                            opened.refused ? opened.refused->detail
                                           : "Billing is not configured: " + opened.missing.front() + " is not set."};
  view.status = opened.refused ? status_of(opened.refused->code) : 200;
  return billing_page(platform_, settings_, visitor, view);
}

http::Response HttpBilling::api_checkout(const http::Request& request) {
  const Asker asker = asker_of(request);
  const auto plan = plan_in(request);
  if (!plan && asker.is_owner) {
    open_.note_refused(asker, "CHECKOUT", plan.error().code);
    return http::problem(plan.error().code == "UNSUPPORTED_MEDIA_TYPE" ? 415 : 400, plan.error().code,
                         plan.error().detail);
  }
  return answer(open_.checkout(asker, plan ? *plan : "", site_of(request, settings_.public_url)), asker.client_id);
}

http::Response HttpBilling::api_portal(const http::Request& request) {
  const Asker asker = asker_of(request);
  return answer(open_.portal(asker, site_of(request, settings_.public_url)), asker.client_id);
}

http::Response HttpBilling::answer(const Opened& opened, const std::string& client_id) const {
  if (opened.refused)
    return http::problem(status_of(opened.refused->code), opened.refused->code, opened.refused->detail);
  if (!opened.url.empty())
    return http::json(200, R"({"configured":true,"test_mode":)" +
                               std::string(settings_.is_test_mode() ? "true" : "false") +
                               ",\"url\":" + http::json_string(opened.url) + "}");
  std::string missing;
  for (const std::string& name : opened.missing) missing += (missing.empty() ? "" : ",") + http::json_string(name);
  const std::string link = open_.payment_link(client_id);
  return http::json(200, R"({"configured":false,"banner":"Billing not configured","missing":[)" + missing +
                             "],\"payment_link_url\":" + (link.empty() ? "null" : http::json_string(link)) + "}");
}

}  // namespace carillon::billing
