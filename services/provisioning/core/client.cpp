#include "provisioning/core/client.hpp"

namespace carillon::provisioning {

events::ClientState state_of(const Client& client) {
  events::ClientState state;
  state.client_id = client.id;
  state.version = client.version;
  state.deleted = client.deleted;
  if (client.deleted) return state;
  state.onboarding_status = client.onboarding_status;
  state.plan = client.plan;
  state.subscription_status = client.subscription_status;
  state.entitlements = client.entitlements;
  state.contacts = client.contacts;
  state.sms_enabled = client.sms_enabled;
  state.business_name = client.business_name;
  state.owner_name = client.owner_name;
  state.twilio_number = client.twilio_number;
  state.time_zone = client.time_zone;
  state.locale = client.locale;
  return state;
}

}  // namespace carillon::provisioning
