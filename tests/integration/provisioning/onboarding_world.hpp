// Provisioning as Twilio, operators and owners meet it: signed messages and calls, replies on the pipe.
#pragma once
#include <string>
#include <vector>

#include "integration/provisioning/world.hpp"

namespace carillon::provisioning::testing {

inline constexpr const char* platform_number = "+15005550006";
inline constexpr const char* owner_phone = "+447700900123";
inline constexpr const char* other_phone = "+447700900456";
inline constexpr const char* sms_path = "/api/webhooks/twilio/sms";
inline constexpr const char* voice_path = "/api/webhooks/twilio/voice";

// Signed webhooks are believed, payments have a link, nothing is limited.
ProvisioningSettings onboarding_settings();

struct FormCall {
  std::string path;
  http::Fields form;
  std::string token = "auth-token";
};

class OnboardingWorld : public World {
 public:
  explicit OnboardingWorld(ProvisioningSettings settings = onboarding_settings(), int instances = 1);

  // As Twilio sends it; each message with a sid of its own unless one is given.
  http::Answer sms(const std::string& from, const std::string& text, const std::string& to = platform_number,
                   const std::string& sid = {});
  http::Answer voice(const std::string& to, const std::string& from = other_phone, const std::string& sid = {});
  http::Answer post_form(const FormCall& call);
  FormCall sms_form(const std::string& from, const std::string& text, const std::string& to = platform_number,
                    const std::string& sid = {});
  http::Answer say(const std::string& text, const std::string& phone = owner_phone);  // by the API
  // All at once, spread over the instances; their statuses by count.
  std::map<int, int> at_once(const std::vector<FormCall>& calls);
  std::map<int, int> allocate_at_once(const std::vector<std::string>& client_ids);

  // Puts numbers +441632960000, ...1, ... into the pool, by the API.
  void seed(int numbers);
  // A client in `state`, of owner_phone.
  Client add_client(const std::string& id, const std::string& state, bool paid, const std::string& phone = owner_phone,
                    const std::string& number = {});
  void edit(const std::string& id, const std::function<void(Client&)>& edit);
  Client client_of(const std::string& phone);
  Client client_by_id(const std::string& id);
  // What the upkeep's thread does, done by the time this returns; its figures go to `registry`.
  void upkeep_turn(metrics::Registry& registry);
  // ONBOARDING_REPLY requests so far, oldest first, and their words.
  std::vector<events::SendRequest> replies();
  std::string last_reply();
  std::vector<events::SendRequest> requests(const std::string& template_key);
  std::string state(const std::string& phone = owner_phone) { return client_of(phone).onboarding_state; }

 private:
  int next_sid_ = 1;
};

std::string variable(const events::SendRequest& request, const char* name);

}  // namespace carillon::provisioning::testing
