#include "provisioning/adapters/client_json.hpp"

#include "http/message.hpp"
#include "values/recipient.hpp"

namespace carillon::provisioning {
namespace {

using http::json_string;

class Members {
 public:
  Members& add(const char* name, std::string_view text) { return raw(name, json_string(text)); }
  Members& add(const char* name, bool value) { return raw(name, value ? "true" : "false"); }
  Members& raw(const char* name, std::string_view json) {
    text_ += text_.size() > 1 ? "," : "";
    text_ += json_string(name) + ":" + std::string(json);
    return *this;
  }
  std::string take() { return std::move(text_) + "}"; }

 private:
  std::string text_ = "{";
};

std::string entitlements_json(const Client& client) {
  std::string out = "[";
  for (const auto& entitlement : client.entitlements) {
    Members members;
    members.add("feature_key", entitlement.feature_key).add("granted", entitlement.granted);
    members.raw("expires_at", entitlement.expires_at ? json_string(to_rfc3339(*entitlement.expires_at)) : "null");
    out += (out.size() > 1 ? "," : "") + members.take();
  }
  return out + "]";
}

}  // namespace

std::string client_json(const Client& client, Recipients recipients) {
  const auto shown = [&](const std::string& recipient) {
    return recipient.empty() || recipients == Recipients::CLEAR ? recipient : masked(recipient);
  };
  const events::Contacts& contacts = client.contacts;
  Members contact_members;
  contact_members.add("email", shown(contacts.email)).add("billing_email", shown(contacts.billing_email));
  contact_members.add("phone", shown(contacts.phone));
  contact_members.add("slack_webhook", contacts.slack_webhook.empty() ? "" : masked(contacts.slack_webhook));
  Members members;
  members.add("client_id", client.id).raw("version", std::to_string(client.version));
  members.add("onboarding_status", client.onboarding_status).add("onboarding_state", client.onboarding_state);
  members.add("plan", client.plan).add("payment_active", client.payment_active);
  members.add("subscription_status", client.subscription_status).raw("entitlements", entitlements_json(client));
  members.add("business_name", client.business_name).add("business_type", client.business_type);
  members.add("location", client.location).add("owner_name", client.owner_name);
  members.add("owner_phone", shown(client.owner_phone));
  members.add("notification_preference", client.notification_preference).add("phone_type", client.phone_type);
  members.add("twilio_number", client.twilio_number).raw("contacts", contact_members.take());
  members.add("sms_enabled", client.sms_enabled).add("time_zone", client.time_zone).add("locale", client.locale);
  members.add("stripe_customer_id", client.stripe_customer_id);
  members.add("stripe_subscription_id", client.stripe_subscription_id).add("deleted", client.deleted);
  members.add("created_at", to_rfc3339(client.created_at)).add("updated_at", to_rfc3339(client.updated_at));
  return members.take();
}

}  // namespace carillon::provisioning
