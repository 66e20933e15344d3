// Settings of the number pool and the onboarding conversation.
#pragma once
#include <string>
#include <vector>

#include "provisioning/app/converse.hpp"
#include "provisioning/core/number_pool.hpp"
#include "service/settings.hpp"

namespace carillon::provisioning {

struct OnboardingSettings {
  std::vector<std::string> twilio_tokens;  // TWILIO_AUTH_TOKEN; two while it is replaced
  std::string own_number;                  // TWILIO_PHONE_NUMBER
  ConversationRules rules;
  int pool_warning_threshold = pool_warning_threshold_default;

  static OnboardingSettings read(service::Settings& settings);
};

}  // namespace carillon::provisioning
