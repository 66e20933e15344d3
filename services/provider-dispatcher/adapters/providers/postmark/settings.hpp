#pragma once
#include <string>

#include "provider-dispatcher/adapters/providers/email_identity.hpp"
#include "service/settings.hpp"

namespace carillon::dispatcher {

struct PostmarkSettings {
  std::string server_token;    // POSTMARK_SERVER_TOKEN
  std::string message_stream;  // POSTMARK_MESSAGE_STREAM
  EmailIdentity identity;
  std::string base_url;        // POSTMARK_BASE_URL, without a trailing slash
  double rate_per_second = 0;  // POSTMARK_RATE_PER_SECOND
  int concurrency = 32;        // POSTMARK_CONCURRENCY

  static PostmarkSettings read(service::Settings& settings);
  std::string missing() const;  // names of the settings that are needed and absent, "" when none
};

}  // namespace carillon::dispatcher
