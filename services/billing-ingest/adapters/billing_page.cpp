#include "billing-ingest/adapters/billing_page.hpp"

#include <algorithm>

#include "billing-ingest/core/billing_state.hpp"
#include "billing-ingest/core/mail_dates.hpp"
#include "billing_pages_web.hpp"

namespace carillon::billing {
namespace {

using pages::Values;

Values list() {
  return Values{Values::type::list};
}
Values object() {
  return Values{Values::type::object};
}

const char* about(std::string_view plan) {
  if (plan == "PRO") return "E-mail and SMS reminders";
  return plan == "PORTFOLIO" ? "E-mail for several businesses" : "E-mail for one business";
}

// Stripe's words, for people.
std::string status_words(const std::string& status) {
  if (status.empty()) return "Not started";
  std::string words = status == "trialing" ? "Trial" : status;
  std::replace(words.begin(), words.end(), '_', ' ');
  if (words.front() >= 'a' && words.front() <= 'z') words.front() = static_cast<char>(words.front() - 'a' + 'A');
  return words;
}

const char* tone(BillingState state) {
  if (state == BillingState::ACTIVE) return "good";
  return state == BillingState::PAST_DUE ? "warn" : "bad";
}

const char* period_label(const Subscription& of) {
  if (has_ended(of.status)) return "Ended";
  return of.status == "trialing" ? "Trial until" : "Paid until";
}

Values describe(const Subscription& of, BillingState state, bool can_manage) {
  Values values = object();
  values["plan"] = of.plan.empty() ? "Other" : of.plan;
  values["status"] = status_words(of.status);
  values["tone"] = tone(state);
  if (of.period_end && standing(of.status) != standing("past_due")) {
    values["period_label"] = period_label(of);
    values["period_end"] = date_text(*of.period_end, "en");
  }
  if (!of.email.empty()) values["email"] = of.email;
  if (can_manage) {
    values["manage"] = Values{true};
    values["manage_label"] = state == BillingState::PAST_DUE ? "Update payment method" : "Manage subscription";
  }
  return values;
}

Values choices(const PlanPrices& prices) {
  Values all = list();
  for (const std::string_view plan : plans) {
    Values one = object();
    one["plan"] = std::string(plan);
    one["about"] = about(plan);
    if (!prices.price_of(plan).empty()) one["can_buy"] = Values{true};
    all << one;
  }
  return all;
}

// Where the forms' redirects end: at Stripe, or at what stands in for it.
std::vector<std::string> form_targets(const BillingSettings& settings) {
  if (settings.base_url == stripe_url) return {"https://checkout.stripe.com", "https://billing.stripe.com"};
  const auto host = settings.base_url.find("://");
  return {settings.base_url.substr(0, settings.base_url.find('/', host + 3))};
}

}  // namespace

http::Response billing_page(const service::Platform& platform, const BillingSettings& settings,
                            const pages::Visitor& visitor, const BillingView& view) {
  const Subscription* subscription = view.subscription ? &*view.subscription : nullptr;
  const BillingState state = billing_state(settings.is_configured(), subscription);
  const bool owner = visitor.role == security::Role::OWNER;
  const bool pays = state == BillingState::ACTIVE || state == BillingState::PAST_DUE;
  Values values = object();
  if (owner) values["owner"] = Values{true};
  if (!settings.is_configured()) {
    values["not_configured"] = Values{true};
    if (owner && !view.payment_link.empty()) values["payment_link"] = view.payment_link;
  } else if (settings.is_test_mode()) {
    values["test_mode"] = Values{true};
  }
  if (state == BillingState::PAST_DUE) values["past_due"] = Values{true};
  if (subscription != nullptr)
    values["subscription"] = describe(*subscription, state, owner && pays && settings.is_configured());
  if (owner && state == BillingState::NO_PLAN) {
    values["choose"] = Values{true};
    values["choose_title"] = subscription == nullptr ? "Choose a plan" : "Choose a plan again";
    values["plans"] = choices(settings.prices);
  }
  pages::Page page;
  page.title = "Billing";
  page.sentence = "Your plan, and how it is paid.";
  page.visitor = visitor;
  page.path = "/billing";
  page.flash = view.flash;
  page.status = view.status;
  page.form_targets = form_targets(settings);
  for (const auto& file : billing_pages::files)
    if (file.path == "billing.mustache") return pages::render(platform, page, file.bytes, std::move(values));
  throw std::logic_error("billing-ingest/web lacks billing.mustache");
}

}  // namespace carillon::billing
