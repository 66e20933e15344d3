// Settings of provisioning.
#pragma once
#include "service/settings.hpp"

namespace carillon::provisioning {

struct ProvisioningSettings {
  int step_attempts_max = 5;  // tries of one step of a provisioning job before a person is asked

  static ProvisioningSettings read(service::Settings& settings);
};

}  // namespace carillon::provisioning
