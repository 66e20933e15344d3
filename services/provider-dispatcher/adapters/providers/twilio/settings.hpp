#pragma once
#include <string>

#include "service/settings.hpp"

namespace carillon::dispatcher {

struct TwilioSettings {
  std::string account_sid;            // TWILIO_ACCOUNT_SID
  std::string auth_token;             // TWILIO_AUTH_TOKEN
  std::string messaging_service_sid;  // TWILIO_MESSAGING_SERVICE_SID, preferred
  std::string phone_number;           // TWILIO_PHONE_NUMBER
  std::string status_callback_url;    // TWILIO_STATUS_CALLBACK_URL, "" = no receipts
  std::string base_url;               // TWILIO_BASE_URL, without a trailing slash
  double rate_per_second = 0;         // TWILIO_RATE_PER_SECOND
  int concurrency = 32;               // TWILIO_CONCURRENCY

  static TwilioSettings read(service::Settings& settings);
  std::string missing() const;
};

}  // namespace carillon::dispatcher
