#include "provisioning/settings.hpp"

namespace carillon::provisioning {

ProvisioningSettings ProvisioningSettings::read(service::Settings& settings) {
  ProvisioningSettings read;
  read.step_attempts_max = static_cast<int>(
      settings.integer("PROVISIONING_STEP_ATTEMPTS_MAX", 5, 1, 20,
                       "Tries of one step of a provisioning job, with growing pauses, before the admins get "
                       "PROVISIONING_FAILED_ADMIN and the job waits for a retry by hand"));
  read.onboarding = OnboardingSettings::read(settings);
  read.schedule = ScheduleSettings::read(settings);
  read.accounts = AccountSettings::read(settings);
  return read;
}

}  // namespace carillon::provisioning
