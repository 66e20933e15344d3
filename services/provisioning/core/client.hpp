// A client as the platform knows it: one row of table clients. What other services see of it is its ClientState.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "events/events.hpp"
#include "time/utc_time.hpp"

namespace carillon::provisioning {

// Values of onboarding_status.
inline constexpr std::string_view pending = "PENDING";
inline constexpr std::string_view provisioned = "PROVISIONED";

struct Client {
  std::string id;                                 // letters, digits and -_.:
  std::int64_t version = 0;                       // 1 with its first row; grows by one with each change
  std::string onboarding_status{pending};         // what gating looks at
  std::string onboarding_state;                   // where the onboarding conversation is; "": it never began
  std::string plan;                               // SOLO, PORTFOLIO, PRO; "": none
  bool payment_active = false;                    // set by a paid checkout, cleared only by the subscription's end
  std::string subscription_status;                // as Stripe names it; "": never had one
  std::vector<events::Entitlement> entitlements;  // at most one for each feature_key
  std::string business_name, business_type, location;
  std::string owner_name;
  std::string owner_phone;              // E.164, of one client only
  std::string notification_preference;  // as answered in the onboarding conversation
  std::string phone_type;               // as answered in the onboarding conversation
  std::string twilio_number;            // the client's own number, E.164, of one client only
  events::Contacts contacts;
  bool sms_enabled = false;
  std::string time_zone;  // IANA name; "": UTC
  std::string locale;     // BCP 47; "": the platform's default
  std::string stripe_customer_id, stripe_subscription_id;
  std::int64_t billing_version = 0;  // of the last billing event that was applied
  bool deleted = false;              // the row stays, for its version
  UtcTime created_at{}, updated_at{};

  bool is_provisioned() const { return onboarding_status == provisioned; }
  bool operator==(const Client&) const = default;
};

// What client.state.v1 says about it. Of a deleted client only that it is gone.
events::ClientState state_of(const Client& client);

}  // namespace carillon::provisioning
