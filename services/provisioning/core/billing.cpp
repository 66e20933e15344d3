#include "provisioning/core/billing.hpp"

#include <algorithm>
#include <array>

#include "provisioning/core/client_change.hpp"
#include "values/recipient.hpp"

namespace carillon::provisioning {
namespace {

using events::BillingEvent;
using events::BillingKind;

constexpr std::array<std::string_view, 4> plans{"", "SOLO", "PORTFOLIO", "PRO"};
constexpr std::size_t id_chars_max = 255;  // Stripe's own bound

bool is_plain(std::string_view text) {
  return text.size() <= id_chars_max && !has_control_characters(text);
}

void fill(std::string& known, const std::string& said) {
  if (known.empty()) known = said;
}

void replace(std::string& known, const std::string& said) {
  if (!said.empty()) known = said;
}

// Whom Stripe bills is the client's contact where there is none. A known client's mail goes nowhere else because of it:
// whoever pays types that address.
void learn_email(events::Contacts& contacts, const std::string& text) {
  const auto email = parse_email(text);
  if (email) fill(contacts.email, *email);
}

}  // namespace

std::optional<Failure> wrong_with(const BillingEvent& event) {
  const auto invalid = [](const char* detail) { return Failure{"INVALID_FIELD", detail}; };
  if (!is_client_id(event.client_id)) return invalid("client_id: must be a client's id");
  if (event.version < 1) return invalid("version: must be 1 or more");
  if (event.kind == BillingKind{}) return invalid("kind: is required");
  if (std::find(plans.begin(), plans.end(), event.plan) == plans.end())
    return invalid("plan: must be SOLO, PORTFOLIO or PRO");
  if (!is_plain(event.subscription_status) || !is_plain(event.customer_id) || !is_plain(event.subscription_id))
    return invalid("subscription: its status and ids must be short texts");
  return std::nullopt;
}

BilledClient billed(const Client& client, const BillingEvent& event) {
  if (event.version <= client.billing_version) return {BillingEffect::OLDER, client, false};
  BilledClient next{BillingEffect::APPLIED, client, false};
  next.client.billing_version = event.version;
  Client& to = next.client;
  replace(to.plan, event.plan);
  replace(to.subscription_status, event.subscription_status);
  replace(to.stripe_customer_id, event.customer_id);
  replace(to.stripe_subscription_id, event.subscription_id);
  switch (event.kind) {
    case BillingKind::CHECKOUT_PAID:
      to.payment_active = true;
      if (event.subscription_status.empty()) to.subscription_status = "active";
      if (is_valid_utf8(event.name) && !has_control_characters(event.name) && event.name.size() <= text_chars_max)
        fill(to.owner_name, event.name);
      learn_email(to.contacts, event.email);
      next.starts_job = !client.is_provisioned();
      break;
    case BillingKind::SUBSCRIPTION_CANCELED:
      to.payment_active = false;
      if (event.subscription_status.empty()) to.subscription_status = "canceled";
      break;
    default:
      break;
  }
  return next;
}

}  // namespace carillon::provisioning
