// Settings of provisioning.
#pragma once
#include "provisioning/account_settings.hpp"
#include "provisioning/onboarding_settings.hpp"
#include "provisioning/schedule_settings.hpp"
#include "service/settings.hpp"

namespace carillon::provisioning {

struct ProvisioningSettings {
  int step_attempts_max = 5;  // tries of one step of a provisioning job before a person is asked
  AccountSettings accounts;
  OnboardingSettings onboarding;
  ScheduleSettings schedule;

  static ProvisioningSettings read(service::Settings& settings);
};

}  // namespace carillon::provisioning
