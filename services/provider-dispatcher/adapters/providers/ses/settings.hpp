#pragma once
#include <string>

#include "provider-dispatcher/adapters/providers/email_identity.hpp"
#include "service/settings.hpp"

namespace carillon::dispatcher {

struct SesSettings {
  EmailIdentity identity;
  std::string configuration_set;  // SES_CONFIGURATION_SET, "" = the account's default
  std::string base_url;           // SES_BASE_URL, without a trailing slash; "" = the region's
  double rate_per_second = 0;     // SES_RATE_PER_SECOND
  int concurrency = 32;           // SES_CONCURRENCY

  static SesSettings read(service::Settings& settings);
};

}  // namespace carillon::dispatcher
