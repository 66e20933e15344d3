#pragma once
#include <string>

#include "provider-dispatcher/adapters/providers/email_identity.hpp"
#include "service/settings.hpp"

namespace carillon::dispatcher {

struct SendgridSettings {
  std::string api_key;  // SENDGRID_API_KEY
  EmailIdentity identity;
  std::string base_url;        // SENDGRID_BASE_URL, without a trailing slash
  double rate_per_second = 0;  // SENDGRID_RATE_PER_SECOND
  int concurrency = 32;        // SENDGRID_CONCURRENCY

  static SendgridSettings read(service::Settings& settings);
  std::string missing() const;  // names of the settings that are needed and absent, "" when none
};

}  // namespace carillon::dispatcher
